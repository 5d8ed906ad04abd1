import { iksControls } from '#controls/iks/index.ts';
import { judge } from '#controls/judge.ts';
import { ABSENT, collected, type Field, given, unavailable } from '#domain/collected.ts';
import type { IbmAccountEvidence, IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import type { Profile } from '#domain/settings.ts';
import type { Verdict } from '#domain/verdict.ts';

const source = (api: string) => ({ api, at: '2026-11-01T00:00:00.000Z' });
export const PRIVATE = 'https://c1.private.jp-tok.containers.cloud.ibm.com:28679';
export const PUBLIC = 'https://c1.jp-tok.containers.cloud.ibm.com:28679';
export const denied = (api: string) => unavailable('denied', 'HTTP 403: not authorized', api);

export function account(changes: Partial<IbmAccountEvidence> = {}): IbmAccountEvidence {
  return {
    accountId: 'acc',
    classicLink: collected({ link: 'linked', id: '999999' }, source('account:read')),
    privateEndpointService: collected('true', source('classic:isConnectedToPrivateEndpointService')),
    attestation: unavailable('not-found', 'nobody has attested the account', 'attestation'),
    clusterProviders: collected(['classic'], source('containers:getClusters')),
    ...changes,
  };
}

export function cluster(changes: Partial<IksCluster> = {}): IksCluster {
  return {
    state: given('normal'),
    masterState: given('deployed'),
    provider: given('classic'),
    type: given('kubernetes'),
    region: given('jp-tok'),
    resourceGroup: given('rg-1'),
    nestedPrivate: given(true),
    flatPrivate: ABSENT,
    nestedPrivateUrl: given(PRIVATE),
    flatPrivateUrl: ABSENT,
    nestedPublic: given(false),
    flatPublic: ABSENT,
    nestedPublicUrl: given(''),
    flatPublicUrl: ABSENT,
    masterUrl: given(PRIVATE),
    serverUrl: ABSENT,
    networkPlugin: given('Calico'),
    ...changes,
  };
}

/** Closed in every respect, on classic infrastructure. */
export function evidence(changes: Partial<IksEvidence> = {}, of: Partial<IksCluster> = {}): IksEvidence {
  return {
    id: 'c1',
    name: 'prod',
    list: 'classic',
    cluster: collected(cluster(of), source('containers:getCluster')),
    account: account(),
    workers: collected([worker('-', '')], source('containers:getWorkers')),
    subnets: unavailable('not-found', 'classic workers have no VPC subnets', 'vpc:getSubnet'),
    loadBalancers: collected(
      [{ id: 'private-cr1', type: given('private'), enabled: given(true) }],
      source('containers:getAlbs'),
    ),
    auditWebhook: collected({ webhook: 'set', server: 'https://audit' }, source('containers:getAuditWebhook')),
    restrictions: collected([rule()], source('cbr:listRules')),
    reachability: { state: 'not-configured' },
    ...changes,
  };
}

type Rule = Extract<IksEvidence['restrictions'], { state: 'collected' }>['value'][number];

export function rule(changes: Partial<Rule> = {}): Rule {
  return { id: 'r1', enforcement: 'enabled', coversClusterApi: true, endpointTypes: [], scopes: [], ...changes };
}

export function worker(publicAddress: string, publicVlan: string, subnetIds: string[] = []) {
  const field = (value: string): Field<string> => given(value);
  return { id: 'w1', publicAddress: field(publicAddress), publicVlan: field(publicVlan), subnetIds };
}

export function onVpc(gateway: 'yes' | 'no', of: Partial<IksCluster> = {}): IksEvidence {
  const subnet =
    gateway === 'yes'
      ? { id: 's1', gateway: { attached: 'yes' as const, id: 'pgw-1' } }
      : { id: 's1', gateway: { attached: 'no' as const } };
  return evidence(
    {
      list: 'vpc',
      workers: collected([worker('-', '', ['s1'])], source('containers:getWorkers')),
      subnets: collected([subnet], source('vpc:getSubnet')),
    },
    {
      provider: given('vpc-gen2'),
      nestedPrivateUrl: given('https://c8k2p1rt0d5vq3m7n4sa.vpe.private.jp-tok.containers.cloud.ibm.com:31222'),
      ...of,
    },
  );
}

export function verdictOf(
  control: string,
  subject: IksEvidence | IbmAccountEvidence,
  profile: Profile = 'closed',
): Verdict {
  const kind = 'cluster' in subject ? 'iks' : 'ibm-account';
  const resource = {
    uid: 'u',
    type: 'ibm.iks.cluster' as const,
    provider: 'ibm' as const,
    account: 'acc',
    region: '',
    name: 'prod',
  };
  const judged = judge({ kind, resource, evidence: subject }, iksControls, { profile, controls: {} });
  const found = judged.find((entry) => entry.control.id === control);
  if (found === undefined) throw new Error(`${control} did not judge`);
  return found.verdict;
}

export function brief({ status, reason }: Verdict): string {
  return `${status} ${reason}`;
}
