import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a real SDK client sent it. */
export interface Call {
  readonly service: string;
  readonly region: string;
  /** The account whose keys signed it. */
  readonly account: string;
  /** As its permission is spelled: `ec2:DescribeVpcs`. */
  readonly api: string;
  /** Form fields, query parameters, path parameters and JSON members together. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status?: number;
  readonly body?: string;
  /** The socket is closed without an answer. */
  readonly reset?: boolean;
  /** No answer ever. */
  readonly hang?: boolean;
}

export interface FakeAws {
  readonly endpoint: string;
  readonly calls: Call[];
  readonly count: (api: string) => number;
  readonly close: () => Promise<void>;
}

export const OWN_ACCOUNT = '111111111111';

/** Serves on loopback; `answer` sees every request. Knows the wire formats and nothing of the collector. */
export async function fakeAws(answer: (call: Call) => Answer | Promise<Answer>): Promise<FakeAws> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = toCall(request, Buffer.concat(chunks).toString('utf8'));
      calls.push(call);
      Promise.resolve(answer(call)).then(
        (answered) => send(answered, request, response),
        (error: unknown) => send(json({ message: String(error) }, 500), request, response),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    count: (api) => calls.filter((call) => call.api === api).length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function send({ status = 200, body = '{}', reset, hang }: Answer, request: IncomingMessage, response: ServerResponse) {
  if (hang === true) return;
  if (reset === true) {
    request.socket.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/xml' : 'application/json' });
  response.end(body);
}

function toCall(request: IncomingMessage, body: string): Call {
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const [, key = '', region = '', service = ''] = scope;
  const account = /^ASIA(\d{12})$/.exec(key)?.[1] ?? OWN_ACCOUNT;
  const url = new URL(request.url ?? '/', 'http://fake');
  const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
  const form = Object.fromEntries(new URLSearchParams(request.headers['content-type']?.includes('json') ? '' : body));
  const json = request.headers['content-type']?.includes('json') && body !== '' ? JSON.parse(body) : {};
  const rest = eksCall(url.pathname) ?? {};
  const action = profilesCall(url.pathname) ?? form['Action'] ?? target ?? rest['action'] ?? zonesCall(url.pathname);
  return {
    service,
    region,
    account,
    api: `${service}:${action}`,
    params: { ...form, ...json, ...rest, ...Object.fromEntries(url.searchParams) },
  };
}

const EKS_PATHS: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [/^\/clusters$/, 'ListClusters', []],
  [/^\/clusters\/([^/]+)$/, 'DescribeCluster', ['name']],
  [/^\/clusters\/([^/]+)\/node-groups$/, 'ListNodegroups', ['name']],
  [/^\/clusters\/([^/]+)\/node-groups\/([^/]+)$/, 'DescribeNodegroup', ['name', 'item']],
  [/^\/clusters\/([^/]+)\/fargate-profiles$/, 'ListFargateProfiles', ['name']],
  [/^\/clusters\/([^/]+)\/fargate-profiles\/([^/]+)$/, 'DescribeFargateProfile', ['name', 'item']],
  [/^\/clusters\/([^/]+)\/addons$/, 'ListAddons', ['name']],
  [/^\/clusters\/([^/]+)\/addons\/([^/]+)$/, 'DescribeAddon', ['name', 'item']],
  [/^\/clusters\/([^/]+)\/access-entries$/, 'ListAccessEntries', ['name']],
  [/^\/clusters\/([^/]+)\/access-entries\/([^/]+)\/access-policies$/, 'ListAssociatedAccessPolicies', ['name', 'item']],
  [/^\/clusters\/([^/]+)\/pod-identity-associations$/, 'ListPodIdentityAssociations', ['name']],
];

/** Route 53 Profiles. */
function profilesCall(path: string): string | undefined {
  if (path === '/profileassociations') return 'ListProfileAssociations';
  return path.startsWith('/profileresourceassociations/') ? 'ListProfileResourceAssociations' : undefined;
}

/** Route 53's private zones. */
function zonesCall(path: string): string {
  if (path.endsWith('/hostedzonesbyvpc')) return 'ListHostedZonesByVPC';
  return path.endsWith('/rrset') ? 'ListResourceRecordSets' : '';
}

function eksCall(path: string): Record<string, string> | undefined {
  for (const [pattern, action, names] of EKS_PATHS) {
    const match = pattern.exec(path);
    if (match !== null)
      return {
        action,
        ...Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')])),
      };
  }
  return undefined;
}

type Xml = string | number | boolean | readonly Xml[] | { readonly [key: string]: Xml };

/** EC2's XML: lists are `item` elements. */
function xml(value: Xml): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${xml(item)}</item>`).join('');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, entry]) => `<${key}>${xml(entry as Xml)}</${key}>`)
      .join('');
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

export function ec2(action: string, content: { readonly [key: string]: Xml }): Answer {
  return { body: `<${action}Response>${xml({ requestId: 'r', ...content })}</${action}Response>` };
}

/** The XML of Elastic Load Balancing, both versions of its API: lists are `member` elements. */
export function elb(action: string, content: { readonly [key: string]: Xml }): Answer {
  const body = xml(content).replaceAll(/<(\/?)item>/g, '<$1member>');
  return { body: `<${action}Response><${action}Result>${body}</${action}Result></${action}Response>` };
}

/** Classic balancers have the older version. */
export function isClassic({ params }: Call): boolean {
  return params['Version'] === '2012-06-01';
}

/** The ACL that every VPC begins with: all traffic in both directions. */
export function defaultAcl(vpcId: string, subnetIds: readonly string[]): { readonly [key: string]: Xml } {
  const networkAclId = vpcId.replace('vpc-', 'acl-');
  return {
    networkAclId,
    vpcId,
    default: true,
    associationSet: subnetIds.map((subnetId) => ({
      networkAclAssociationId: `aclassoc-${subnetId}`,
      networkAclId,
      subnetId,
    })),
    entrySet: [true, false].flatMap((egress) => [
      { ruleNumber: 100, protocol: '-1', ruleAction: 'allow', egress, cidrBlock: '0.0.0.0/0' },
      { ruleNumber: 32_767, protocol: '-1', ruleAction: 'deny', egress, cidrBlock: '0.0.0.0/0' },
    ]),
  };
}

export function json(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value) };
}

/** The error payload that each service's protocol sends. */
export function refusal(service: string, code: string, status: number, message = code): Answer {
  if (service === 'ec2')
    return {
      status,
      body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
    };
  if (['sts', 'iam', 'route53', 'elasticloadbalancing'].includes(service))
    return {
      status,
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    };
  return json({ __type: code, message }, status);
}
