/** What the host of an API server's address says. Sources: OpenShift on IBM Cloud network planning, IKS access documentation (2026). */
export type HostKind = 'private' | 'public' | 'satellite' | 'malformed' | 'unrecognised' | 'empty';

const SUFFIX = '.containers.cloud.ibm.com';

/**
 * Judged label by label behind the service's own suffix, never by a substring: a path, a query or a foreign domain can hold "private" too. The
 * place may be a region or a datacenter, and the private name resolves to public-looking addresses.
 */
export function hostKind(address: string): HostKind {
  if (address.trim() === '') return 'empty';
  const url = URL.parse(address.includes('://') ? address : `https://${address}`);
  if (url === null || url.username !== '' || url.password !== '') return 'malformed';
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  if (/(^|\.)satellite\.appdomain\.cloud$/.test(host) || /\.link\.satellite\.cloud\.ibm\.com$/.test(host))
    return 'satellite';
  if (!host.endsWith(SUFFIX)) return 'unrecognised';
  const labels = host.slice(0, -SUFFIX.length).split('.');
  const [first = '', second, third, ...rest] = labels;
  const isMaster = /^c\d{1,3}(-e)?$/.test(first);
  const isClusterId = /^[a-z0-9]{16,40}$/.test(first);
  const isPlace = (label: string | undefined) =>
    label !== undefined && /^[a-z0-9-]+$/.test(label) && label !== 'private' && label !== 'vpe';
  if (rest.length > 0)
    return isClusterId && second === 'vpe' && third === 'private' && rest.length === 1 && isPlace(rest[0])
      ? 'private'
      : 'unrecognised';
  if (third !== undefined)
    return second === 'private' && isPlace(third) && (isMaster || isClusterId) ? 'private' : 'unrecognised';
  return isMaster && isPlace(second) ? 'public' : 'unrecognised';
}
