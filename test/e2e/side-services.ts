import { type LoopbackServer, startJson } from '#estate/http.ts';

/** S3, SNS, SQS and Secrets Manager as far as the handlers use them: what is put is kept, what is published is remembered. */
export interface SideServices extends LoopbackServer {
  readonly objects: Map<string, string>;
  /** Bodies of published messages by topic. */
  readonly published: { readonly topic: string; readonly message: string; readonly attributes: readonly string[] }[];
  readonly hidden: { readonly receipt: string; readonly seconds: number }[];
}

export async function startSideServices(): Promise<SideServices> {
  const objects = new Map<string, string>();
  const published: SideServices['published'] = [];
  const hidden: SideServices['hidden'] = [];
  const server = await startJson(async ({ method, url, headers, body }) => {
    const service = /\/([a-z0-9]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1];
    if (service === 's3' && method === 'PUT') {
      objects.set(url.pathname, unchunked(body, headers['content-encoding']));
      return { body: null, text: '' };
    }
    if (service === 's3')
      return { body: null, text: objects.get(url.pathname) ?? '', status: objects.has(url.pathname) ? 200 : 404 };
    if (service === 'secretsmanager')
      return { body: { ARN: 'arn', Name: 'cursor', SecretString: 'a-key-for-cursors' } };
    const form = new URLSearchParams(body);
    if (service === 'sns') {
      const attributes = [...form].filter(([name]) => name.endsWith('.Name')).map(([, value]) => value);
      published.push({ topic: form.get('TopicArn') ?? '', message: form.get('Message') ?? '', attributes });
      return {
        headers: { 'content-type': 'text/xml' },
        body: null,
        text: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
      };
    }
    const { ReceiptHandle = '', VisibilityTimeout = 0 } = JSON.parse(body) as {
      ReceiptHandle?: string;
      VisibilityTimeout?: number;
    };
    hidden.push({ receipt: ReceiptHandle, seconds: VisibilityTimeout });
    return { body: {} };
  });
  return { ...server, objects, published, hidden };
}

/** Uploads may come in signed chunks: `<hex length>;...\r\n<data>\r\n`, ended by a chunk of nothing and the checksum. */
function unchunked(body: string, encoding: string | undefined): string {
  if (encoding?.includes('aws-chunked') !== true) return body;
  let rest = body;
  let content = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.slice(0, end), 16);
    if (!(length > 0)) return content;
    content += Buffer.from(rest.slice(end + 2))
      .subarray(0, length)
      .toString();
    rest = Buffer.from(rest.slice(end + 2))
      .subarray(length + 2)
      .toString();
  }
}
