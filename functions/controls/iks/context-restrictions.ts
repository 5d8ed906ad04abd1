import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { addressesOf, type ReadCluster } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith } from './shared/fix.ts';

export default defineIksControl({
  id: 'iks-context-restrictions',
  title: 'Context-based restrictions narrow who reaches the endpoint',
  severity: 'LOW',
  basis: 'seed 000: the endpoint is reached from the own network only',
  reference: 'IBM Cloud context-based restrictions, containers-kubernetes',
  remediation:
    'Create a context-based restriction for the cluster API of containers-kubernetes with the network zones that may reach it. It adds to a disabled public endpoint and does not replace it.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster', 'cbr:listRules', 'cbr:getZones'],
  defaults: iksDefaults('cluster.nestedPublicUrl'),
  evaluate(subject) {
    const { evidence } = subject;
    const { restrictions } = evidence;
    if (restrictions.state === 'unavailable') return unknownBecause(restrictions);
    const rules = restrictions.value.map((rule) => ({ ...rule, holds: holds(rule, evidence, subject) }));
    const listed = rules.map(
      ({ id, enforcement, coversClusterApi, endpointTypes, holds: reach }): Proof => ({
        kind: 'fact',
        line: `rule ${id}: ${enforcement}, ${coversClusterApi ? 'covers' : 'does not cover'} the cluster API, ${REACH[reach]}${endpointTypes.length === 0 ? '' : `, endpoint types ${endpointTypes.join(', ')}`}`,
        source: restrictions.source,
      }),
    );
    const proof: readonly Proof[] = [
      ...listed,
      {
        kind: 'fact',
        line: `rules of the account for containers-kubernetes: ${rules.length === 0 ? 'none' : rules.map(({ id }) => id).join(', ')}`,
        field: 'rules',
        value: rules.map(({ id }) => id),
        source: restrictions.source,
      },
    ];
    const enforced = rules.filter(({ enforcement, coversClusterApi }) => enforcement === 'enabled' && coversClusterApi);
    const holding = enforced.filter(({ holds: reach }) => reach === 'yes');
    const create = fixWith(
      'ibmcloud cbr zone-create --name ringfence-allowed --addresses <ranges>',
      `ibmcloud cbr rule-create --enforcement-mode enabled --service-name containers-kubernetes --service-instance ${shellQuote(evidence.id)} --api-types ${CLUSTER_API} --zone-id <zone>`,
    );
    const weak = holding.length > 0 ? cannotEnforce(subject) : 'no';
    if (weak === 'unread')
      return unknown(
        'malformed-answer',
        'whether this cluster can enforce its rules on the public endpoint is not reported',
        proof,
      );
    if (weak === 'yes')
      return fail(
        'not-enforced',
        'the public endpoint of this older OpenShift cluster cannot enforce its rules',
        proof,
        create,
      );
    const everybody = holding.filter(({ admits }) => admits.who === 'everybody');
    if (everybody.length > 0 && everybody.length === holding.length)
      return fail(
        'everybody',
        `rule ${everybody.map(({ id }) => id).join(', ')} admits everybody: its network zone holds every address, or it names none`,
        proof,
        create,
      );
    const unread = holding.map(({ admits }) => admits).find((admits) => admits.who === 'unread');
    if (unread?.who === 'unread') return unknown(unread.reason, unread.message, proof);
    if (everybody.length > 0)
      return unknown(
        'undecidable',
        `rule ${everybody.map(({ id }) => id).join(', ')} admits everybody, and others beside it do not`,
        proof,
      );
    if (holding.length > 0) return pass(`rule ${holding.map(({ id }) => id).join(', ')} is enforced`, proof);
    const perhaps = enforced.find(({ holds: reach }) => reach === 'perhaps');
    if (perhaps !== undefined)
      return unknown(
        'undecidable',
        `whether rule ${perhaps.id} is for this cluster is not clear from what it names`,
        proof,
      );
    return fail(
      'missing',
      rules.length === 0
        ? 'no context-based restriction names the service'
        : 'no enforced rule covers the cluster API of this cluster',
      proof,
      create,
    );
  },
});

const CLUSTER_API = 'crn:v1:bluemix:public:containers-kubernetes::::api-type:cluster';
const REACH = { yes: 'for this cluster', no: 'for other clusters', perhaps: 'perhaps for this cluster' } as const;
type Reach = keyof typeof REACH;
type Rule = Extract<IksEvidence['restrictions'], { state: 'collected' }>['value'][number];

/** A rule without a scope is for all clusters of the account; one of several scopes suffices, and of a scope every attribute must fit. */
function holds({ scopes }: Rule, evidence: IksEvidence, subject: ReadCluster): Reach {
  if (scopes.length === 0) return 'yes';
  const reaches = scopes.map((scope) => scopeHolds(scope, evidence, subject));
  return reaches.find((reach) => reach === 'yes') ?? reaches.find((reach) => reach === 'perhaps') ?? 'no';
}

function scopeHolds(
  scope: Rule['scopes'][number],
  { id, account }: IksEvidence,
  { cluster: value }: ReadCluster,
): Reach {
  const known: Readonly<Record<string, string | undefined>> = {
    accountId: account.accountId,
    serviceName: 'containers-kubernetes',
    serviceInstance: id,
    region: value.region.state === 'given' ? value.region.value : undefined,
    resourceGroupId: value.resourceGroup.state === 'given' ? value.resourceGroup.value : undefined,
  };
  const fits = scope.map(({ name, value: wanted, operator }): Reach => {
    const own = known[name];
    if (own === undefined || operator !== 'stringEquals') return 'perhaps';
    return own === wanted ? 'yes' : 'no';
  });
  return fits.find((fit) => fit === 'no') ?? fits.find((fit) => fit === 'perhaps') ?? 'yes';
}

/** Hosts with a one-digit number, on older OpenShift clusters, cannot enforce rules on the public endpoint. Source: OpenShift on IBM Cloud, CBR. */
function cannotEnforce({ cluster: value }: ReadCluster): 'yes' | 'no' | 'unread' {
  const { type, nestedPublicUrl, flatPublicUrl, masterUrl } = value;
  if (type.state === 'given' && type.value !== 'openshift') return 'no';
  const addresses = addressesOf(nestedPublicUrl, flatPublicUrl, masterUrl);
  const old = addresses.some(({ url, kind }) => kind === 'public' && /^(?:[a-z]+:\/\/)?c\d(?:-e)?\./i.test(url));
  if (old) return type.state === 'given' ? 'yes' : 'unread';
  return addresses.some(({ kind }) => kind === 'no-text') ? 'unread' : 'no';
}
