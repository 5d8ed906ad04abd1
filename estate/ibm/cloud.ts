import type { Playground } from '../faults.ts';
import { type LoopbackAnswer, type LoopbackServer, startJson } from '../http.ts';
import type { IbmAccount, IbmEstate, IksSpec } from './model.ts';
import { answerVpc } from './vpc.ts';

/** IAM, accounts, classic, containers, VPC and restrictions on one loopback port, after their public formats. */
export function startIbm(estate: IbmEstate, playground: Playground): Promise<LoopbackServer> {
  return startJson(async ({ url, headers, body }) => {
    const account = accountFor(url, body, headers.authorization, estate);
    const fault = await playground.meet('ibm', url.pathname.replace(/^\/(global\/)?/, ''), [account?.id ?? '']);
    if (fault !== undefined) return faulty(fault);
    if (account === undefined)
      return { status: 400, body: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' } };
    return url.pathname === '/identity/token' ? token(account) : answer(url, account);
  });
}

/** The endpoints that a configuration names. */
export function ibmEndpoints(url: string) {
  return {
    iam: url,
    containers: `${url}/global`,
    classic: `${url}/rest/v3.1`,
    accounts: url,
    enterprise: `${url}/enterprise`,
    cbr: url,
    resourceController: url,
    vpc: url,
  };
}

function accountFor(
  url: URL,
  body: string,
  authorization: string | undefined,
  { accounts }: IbmEstate,
): IbmAccount | undefined {
  if (url.pathname === '/identity/token') {
    const key = new URLSearchParams(body).get('apikey');
    return accounts.find(({ apiKey }) => apiKey === key);
  }
  const claims = JSON.parse(Buffer.from(authorization?.split('.')[1] ?? 'e30', 'base64url').toString()) as {
    account?: { bss?: string };
  };
  return accounts.find(({ id }) => id === claims.account?.bss);
}

function faulty(kind: string): LoopbackAnswer {
  if (kind === 'hang') return undefined;
  if (kind === 'truncate') return { body: null, text: '[{"id": ' };
  if (kind === 'throttle')
    return { status: 429, headers: { 'retry-after': '1' }, body: { code: 'E0429', description: 'too many requests' } };
  return kind === 'expire'
    ? { status: 401, body: { code: 'A0003', description: 'token could not be verified' } }
    : { status: 403, body: { code: 'A0010', description: 'not authorized' } };
}

function token({ id }: IbmAccount): LoopbackAnswer {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    body: {
      access_token: `${part({ alg: 'none' })}.${part({ account: { bss: id, ims: '999999' } })}.simulated`,
      token_type: 'Bearer',
      expires_in: 3600,
    },
  };
}

function answer(url: URL, account: IbmAccount): LoopbackAnswer {
  const path = url.pathname.replace(/^\/global/, '');
  if (path === '/v1/subnets/vlan-spanning') return { body: { enabled: true, modifiedDate: '2026-01-01T00:00:00Z' } };
  const wanted = url.searchParams.get('cluster') ?? /^\/v1\/(?:alb\/)?clusters\/([^/]+)/.exec(path)?.[1];
  const cluster = account.clusters.find(({ id }) => id === wanted);
  if (path === `/v4/accounts/${account.id}`)
    return {
      body: { id: account.id, name: account.name, type: 'PAYG', status: 'ACTIVE', linked_softlayer_account: '999999' },
    };
  if (path.endsWith('/SoftLayer_Network/isConnectedToPrivateEndpointService.json')) return classic(account);
  if (path === '/v2/classic/getClusters')
    return { body: account.clusters.filter(({ kind }) => kind === 'classic').map(listed) };
  if (path === '/v2/vpc/getClusters')
    return { body: account.clusters.filter(({ kind }) => kind === 'vpc').map(listed) };
  if (path === '/v2/satellite/getClusters') return { body: [] };
  if (path === '/v1/rules') return { body: { count: 0, rules: [] } };
  if (path === '/v2/resource_instances')
    return { body: { rows_count: account.clusters.length, next_url: null, resources: account.clusters.map(instance) } };
  const network = answerVpc(path, account);
  if (network !== undefined) return network;
  if (cluster === undefined)
    return {
      status: 404,
      body: {
        incidentID: 'simulated',
        code: 'G0004',
        type: 'General',
        description: 'The specified cluster could not be found.',
      },
    };
  if (path === '/v2/getCluster') return { body: detail(cluster) };
  if (path === '/v2/vpc/getWorkers')
    return {
      body: [
        {
          id: `kube-${cluster.id}-w1`,
          networkInterfaces: [{ subnetID: `subnet-${cluster.name}`, ipAddress: '10.243.0.4' }],
        },
      ],
    };
  if (path.endsWith('/workers'))
    return {
      body: [
        {
          id: `kube-${cluster.id}-w1`,
          location: 'tok02',
          privateIP: '10.132.0.4',
          privateVlan: '2234945',
          publicIP: '-',
          publicVlan: '',
        },
      ],
    };
  if (path === '/v2/alb/getClusterAlbs' || path.startsWith('/v1/alb/'))
    return {
      body: { alb: [{ albID: `private-cr${cluster.id}-alb1`, albType: 'private', enable: true, state: 'enabled' }] },
    };
  if (path === '/network/v2/security-group/getSecurityGroups')
    return { body: [{ id: `sg-${cluster.name}`, type: 'cluster', name: `kube-${cluster.id}`, userProvided: false }] };
  if (path.endsWith('/auditwebhook'))
    return { body: { auditServer: 'https://audit.internal.example', caCertificate: '', clientCertificate: '' } };
  return { status: 404, body: { code: 'E0008', description: `${path} is not simulated` } };
}

/** The definite answer "not ready" travels with HTTP 500, as exceptions of this API do. */
function classic({ privateNetwork }: IbmAccount): LoopbackAnswer {
  if (privateNetwork === 'not-ready')
    return {
      status: 500,
      body: { error: 'The current network configuration does not allow this.', code: 'SoftLayer_Exception_NotReady' },
    };
  return { body: privateNetwork === 'connected' };
}

/** List records carry no endpoints. */
function listed({ id, name, kind, region, openshift }: IksSpec) {
  return {
    id,
    name,
    region,
    state: 'normal',
    provider: kind === 'vpc' ? 'vpc-gen2' : 'classic',
    type: openshift ? 'openshift' : 'kubernetes',
    location: region,
  };
}

/** A cluster as the resource controller knows it. */
function instance({ id, name, region }: IksSpec) {
  return {
    guid: id,
    id: `crn:v1:bluemix:public:containers-kubernetes:${region}:::${id}::`,
    name,
    resource_id: 'containers-kubernetes',
    region_id: region,
    state: 'active',
  };
}

function detail(spec: IksSpec) {
  const place = `${spec.region}.containers.cloud.ibm.com`;
  const privateUrl =
    spec.kind === 'vpc' ? `https://${spec.id}.vpe.private.${place}:31222` : `https://c1.private.${place}:28679`;
  const publicUrl = `https://c1.${place}:28679`;
  return {
    ...listed(spec),
    lifecycle: { masterState: 'deployed', masterHealth: 'normal' },
    masterURL: spec.publicEndpoint ? publicUrl : privateUrl,
    networkPlugin: 'Calico',
    serviceEndpoints: {
      privateServiceEndpointEnabled: spec.privateEndpoint,
      privateServiceEndpointURL: spec.privateEndpoint ? privateUrl : '',
      publicServiceEndpointEnabled: spec.publicEndpoint,
      publicServiceEndpointURL: spec.publicEndpoint ? publicUrl : '',
    },
  };
}
