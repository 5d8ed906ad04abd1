import { parseJson } from '../transport/body.ts';
import { Refusal, type RefusalDetails, reasonOfStatus } from '../transport/refusal.ts';

/** A response that is a refusal. The verb and the resource stand in `path`. */
export function statusFailure(status: number, path: string, text: string, details: RefusalDetails): Refusal {
  const refusal = (message: string, reason = reasonOfStatus(status)) =>
    new Refusal(reason, message, { ...details, status });
  const said = statusMessage(text);
  switch (status) {
    case 401:
      return refusal(`401 Unauthorized: the token or certificate is expired or not accepted${said}`);
    case 403:
      return refusal(`403 Forbidden: ${path}${said}`);
    case 404:
      return refusal(`404 Not Found: ${path}`);
    case 410:
      return refusal(`410 Gone: the list of ${path} expired while it was read`, 'truncated');
    case 429:
      return refusal(`429 Too Many Requests: ${path}`);
    default:
      return refusal(`${status} from the API server: ${path}${status >= 500 ? said : ''}`);
  }
}

/** The `message` of a Status object, shortened; a proxy's page has none, and the code alone speaks. */
function statusMessage(text: string): string {
  const status = parseJson(text);
  const message = typeof status === 'object' && status !== null && 'message' in status ? status.message : undefined;
  return typeof message === 'string' ? ` (${message.slice(0, 200)})` : '';
}
