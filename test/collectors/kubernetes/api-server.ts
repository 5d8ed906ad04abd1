import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What one list path holds, and how it misbehaves. */
interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Only the first this many requests; all without it. */
  readonly times?: number;
  /** Only requests for a further page. */
  readonly onlyContinued?: boolean;
}

export interface ApiServer {
  readonly url: string;
  /** Path and query of every request, in order. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

export interface ApiServerOptions {
  /** Objects by path: `/api/v1/pods`, or one object for `/api/v1/namespaces/kube-system/configmaps/x`. */
  readonly objects: Readonly<Record<string, unknown>>;
  readonly faults?: Readonly<Record<string, Fault>>;
  /** Groups that discovery names, `group` or `group/version`; the kinds of a version are those of `objects`. */
  readonly groups?: readonly string[];
  /** Paths that are never answered. */
  readonly silent?: readonly string[];
  readonly pageSize?: number;
  readonly token?: string;
  /** The token is refused after this many requests. */
  readonly tokenLasts?: number;
  readonly canReadSecrets?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly gitVersion?: string;
}

/** A Kubernetes API server on loopback that knows the public API only: lists with `limit` and `continue`, Status objects, discovery. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const requests: string[] = [];
  const used = new Map<string, number>();
  const listener: RequestListener = (request, response) => {
    requests.push(request.url ?? '');
    answer(request, response, options, used, requests.length);
  };
  const server = options.tls === undefined ? createHttp(listener) : createHttps(options.tls, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  410: 'Expired',
  429: 'TooManyRequests',
};

function refuse(
  response: ServerResponse,
  code: number,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  return response.end(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: REASONS[code],
      message: `refused with ${code}`,
      code,
    }),
  );
}

function reply(response: ServerResponse, body: unknown): ServerResponse {
  response.writeHead(200, { 'content-type': 'application/json' });
  return response.end(JSON.stringify(body));
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ApiServerOptions,
  used: Map<string, number>,
  count: number,
): ServerResponse {
  const url = new URL(request.url ?? '', 'http://loopback');
  const {
    objects,
    faults = {},
    groups = [],
    pageSize = 500,
    token = 'secret',
    tokenLasts = Number.POSITIVE_INFINITY,
  } = options;
  if (request.headers.authorization !== `Bearer ${token}` || count > tokenLasts) return refuse(response, 401);
  if (request.method === 'POST') {
    return reply(response, { kind: 'SelfSubjectAccessReview', status: { allowed: options.canReadSecrets === true } });
  }
  if (options.silent?.includes(url.pathname) === true) return response;
  const fault = faults[url.pathname];
  const continued = url.searchParams.get('continue');
  if (fault !== undefined && (fault.onlyContinued !== true || continued !== null)) {
    const times = used.get(url.pathname) ?? 0;
    used.set(url.pathname, times + 1);
    if (times < (fault.times ?? Number.POSITIVE_INFINITY)) return refuse(response, fault.status, fault.headers);
  }
  if (url.pathname === '/version') return reply(response, { gitVersion: options.gitVersion ?? 'v1.34.2' });
  if (url.pathname === '/apis') return reply(response, { kind: 'APIGroupList', groups: groupList(groups) });
  if (groups.some((group) => group.includes('/') && url.pathname === `/apis/${group}`)) {
    const names = Object.keys(objects).filter((path) => path.startsWith(`${url.pathname}/`));
    return reply(response, {
      kind: 'APIResourceList',
      resources: names.map((path) => ({ name: path.slice(url.pathname.length + 1) })),
    });
  }
  const found = objects[url.pathname];
  if (found === undefined) return refuse(response, 404);
  if (!Array.isArray(found)) return reply(response, found);
  const from = Number(continued ?? 0);
  const to = from + Math.min(pageSize, Number(url.searchParams.get('limit') ?? pageSize));
  const metadata = to < found.length ? { continue: String(to), remainingItemCount: found.length - to } : {};
  return reply(response, { kind: 'List', apiVersion: 'v1', metadata, items: found.slice(from, to) });
}

function groupList(groups: readonly string[]) {
  const byName = Map.groupBy(groups, (group) => group.split('/')[0]);
  return [...byName].map(([name, entries]) => ({
    name,
    versions: entries.flatMap((entry) => (entry.includes('/') ? [{ version: entry.split('/')[1] }] : [])),
  }));
}

/** The objects of a small cluster that passes most controls. */
export function smallCluster(): Record<string, unknown> {
  const pod = (name: string, labels: Record<string, string>, more: object = {}) => ({
    metadata: {
      name: `${name}-5d9c-x`,
      namespace: 'shop',
      labels,
      ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-5d9c`, controller: true }],
    },
    spec: {
      containers: [{ name: 'main', env: [{ name: 'PASSWORD', value: 'hunter2' }], ports: [{ containerPort: 8080 }] }],
      ...more,
    },
    status: { phase: 'Running' },
  });
  return {
    '/api/v1/namespaces': [{ metadata: { name: 'shop' } }, { metadata: { name: 'kube-system' } }],
    '/api/v1/nodes': [
      {
        metadata: { name: 'n1' },
        status: {
          addresses: [
            { type: 'InternalIP', address: '10.0.0.5' },
            { type: 'Hostname', address: 'n1' },
          ],
        },
      },
    ],
    '/api/v1/pods': [
      pod('web', { app: 'web' }),
      pod('db', { app: 'db' }),
      {
        metadata: {
          name: 'kube-apiserver-n1',
          namespace: 'kube-system',
          labels: { component: 'kube-apiserver' },
          annotations: { 'kubernetes.io/config.source': 'file' },
          ownerReferences: [{ kind: 'Node', name: 'n1', controller: true }],
        },
        spec: {
          hostNetwork: true,
          containers: [
            {
              name: 'kube-apiserver',
              command: [
                'kube-apiserver',
                '--authorization-mode=Node,RBAC',
                '--audit-policy-file=/a',
                '--audit-log-path=/b',
              ],
            },
          ],
        },
        status: { phase: 'Running' },
      },
    ],
    '/api/v1/services': [
      {
        metadata: { name: 'web', namespace: 'shop' },
        spec: { type: 'ClusterIP', ports: [{ port: 80 }] },
        status: { loadBalancer: {} },
      },
    ],
    '/apis/apps/v1/daemonsets': [
      {
        metadata: { name: 'calico-node', namespace: 'kube-system' },
        spec: { template: { spec: { containers: [{ name: 'calico-node', args: ['--secret=x'] }] } } },
      },
    ],
    '/apis/networking.k8s.io/v1/networkpolicies': [
      {
        metadata: { name: 'deny-all', namespace: 'shop' },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
    ],
    '/apis/networking.k8s.io/v1/ingresses': { kind: 'IngressList', metadata: {}, items: null },
    '/apis/rbac.authorization.k8s.io/v1/clusterroles': [
      { metadata: { name: 'view' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
    ],
    '/apis/rbac.authorization.k8s.io/v1/roles': [],
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings': [],
    '/apis/rbac.authorization.k8s.io/v1/rolebindings': [],
  };
}
