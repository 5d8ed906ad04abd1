import { describe, expect, test } from 'vitest';
import { ABSENT, type Field, given, unavailable } from '#domain/collected.ts';
import type { AksCluster } from '#domain/evidence/aks.ts';
import type { EksCluster } from '#domain/evidence/eks.ts';
import type { IksCluster } from '#domain/evidence/ibm.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import type { Verdict } from '#domain/verdict.ts';
import { scan } from './kubespray/inventories.ts';
import { SAMPLES } from './samples.ts';
import { verdictsOf } from './verdicts-of.ts';

/**
 * The states of each kind of subject in which nothing can be judged, and what every control of the kind then says, whatever else was read. Beside
 * them the states that are judged, but marked in the proof, because what was read may not be in effect.
 * Sources: EKS API reference, Cluster.status; ARM managedClusters, provisioningState; OpenShift on IBM Cloud, cluster states.
 */

type Change = (evidence: Record<string, unknown>) => Record<string, unknown>;
type State = readonly [name: string, change: Change, expected: string];

const malformed = { state: 'malformed', raw: '7' } as const;

/** Every part that is read by itself was refused. */
const nothingRead: Change = (evidence) =>
  Object.fromEntries(Object.entries(evidence).map(([name, part]) => [name, isCollected(part) ? DENIED : part]));
const DENIED = unavailable('denied', 'not allowed', 'x:Read');

function isCollected(part: unknown): part is { readonly value: object } {
  return typeof part === 'object' && part !== null && 'state' in part && part.state === 'collected';
}

/** The cluster's own record with other fields. */
function cluster<T extends EksCluster | AksCluster | IksCluster>(fields: Partial<T>): Change {
  return (evidence) => {
    const part = evidence['cluster'];
    if (!isCollected(part)) throw new Error('the sample has no cluster');
    return { ...evidence, cluster: { ...part, value: { ...part.value, ...fields } } };
  };
}

const eks = (status: Field<string>) => cluster<EksCluster>({ status });
const aks = (state: Field<string>, more: Partial<AksCluster> = {}) =>
  cluster<AksCluster>({ provisioningState: state, ...more });
const iks = (state: Field<string>, masterState: Field<string> = given('deployed')) =>
  cluster<IksCluster>({ state, masterState });

const UNJUDGEABLE: Readonly<Record<SubjectKind, readonly State[]>> = {
  eks: [
    ['not read', nothingRead, 'UNKNOWN denied'],
    ['CREATING', eks(given('CREATING')), 'UNKNOWN transitional-state'],
    ['PENDING', eks(given('PENDING')), 'UNKNOWN transitional-state'],
    ['DELETING', eks(given('DELETING')), 'NOT_APPLICABLE deleting'],
    ['in a state that nobody documented', eks(given('HIBERNATING')), 'UNKNOWN unrecognised-value'],
    ['without a state', eks(ABSENT), 'UNKNOWN absent-field'],
    ['with a state of another type', eks(malformed), 'UNKNOWN malformed-answer'],
    ['local to an Outpost', cluster<EksCluster>({ kind: 'outposts' }), 'NOT_APPLICABLE outposts-local-cluster'],
    [
      'local to an Outpost, and being created',
      cluster<EksCluster>({ kind: 'outposts', status: given('CREATING') }),
      'NOT_APPLICABLE outposts-local-cluster',
    ],
    ['connected by EKS Connector', cluster<EksCluster>({ kind: 'connected' }), 'NOT_APPLICABLE connected-cluster'],
    [
      'connected by EKS Connector, and pending',
      cluster<EksCluster>({ kind: 'connected', status: given('PENDING') }),
      'NOT_APPLICABLE connected-cluster',
    ],
  ],
  aks: [
    ['not read', nothingRead, 'UNKNOWN denied'],
    ['Deleting', aks(given('Deleting')), 'NOT_APPLICABLE deleting'],
    ['deleting, in small letters', aks(given('deleting')), 'NOT_APPLICABLE deleting'],
    [
      'Creating, without a profile of the API server',
      aks(given('Creating'), { apiServer: ABSENT }),
      'UNKNOWN transitional-state',
    ],
    ['Creating, without a network', aks(given('Creating'), { network: ABSENT }), 'UNKNOWN transitional-state'],
    ['Creating, without pools', aks(given('creating'), { pools: ABSENT }), 'UNKNOWN transitional-state'],
    ['without a state', aks(ABSENT), 'UNKNOWN absent-field'],
    ['with a state of another type', aks(malformed), 'UNKNOWN malformed-answer'],
  ],
  iks: [
    ['not read', nothingRead, 'UNKNOWN denied'],
    ['requested', iks(given('requested')), 'UNKNOWN transitional-state'],
    ['deploying', iks(given('deploying')), 'UNKNOWN transitional-state'],
    ['pending for its master', iks(given('pending'), given('deploying')), 'UNKNOWN transitional-state'],
    ['deploy_failed', iks(given('deploy_failed')), 'UNKNOWN transitional-state'],
    ['deploy failed, as the documentation writes it', iks(given('deploy failed')), 'UNKNOWN transitional-state'],
    ['create failed', iks(given('create failed')), 'UNKNOWN transitional-state'],
    [
      'normal, with a master that was never made',
      iks(given('normal'), given('deploy_failed')),
      'UNKNOWN transitional-state',
    ],
    ['deleted', iks(given('deleted'), given('deleting')), 'NOT_APPLICABLE deleted'],
    ['in a state that nobody documented', iks(given('hibernating')), 'UNKNOWN unrecognised-value'],
    ['without a state', iks(ABSENT), 'UNKNOWN absent-field'],
    ['with a state of another type', iks(malformed), 'UNKNOWN malformed-answer'],
    ['without a state of its master', iks(given('normal'), ABSENT), 'UNKNOWN absent-field'],
    ['of Satellite, by the list', (evidence) => ({ ...evidence, list: 'satellite' }), 'NOT_APPLICABLE satellite'],
    [
      'of Satellite, by its record',
      cluster<IksCluster>({ provider: given('satellite'), state: given('deploying') }),
      'NOT_APPLICABLE satellite',
    ],
  ],
  // An account has no state of its own, nor has a cluster that is seen from inside, nor an inventory: it was read or it was not.
  'ibm-account': [['not read', nothingRead, 'UNKNOWN denied']],
  // Two controls do not apply where a provider runs the control plane, whatever was read.
  kubernetes: [['not read', (evidence) => ({ ...nothingRead(evidence), platform: 'self-managed' }), 'UNKNOWN denied']],
  kubespray: [['not read', nothingRead, 'UNKNOWN denied']],
};

const MARKED: readonly (readonly [kind: SubjectKind, name: string, change: Change, line: string])[] = [
  ...['UPDATING', 'FAILED'].map(
    (status) => ['eks', status, eks(given(status)), `status = ${status}: the verdict is provisional`] as const,
  ),
  ...['Updating', 'Upgrading', 'Failed', 'Canceled', 'Stopping', 'Starting', 'Hibernating'].map(
    (state) => ['aks', state, aks(given(state)), `provisioningState is ${state}: the verdict is provisional`] as const,
  ),
  ...['deleting', 'aborted', 'delete_failed'].map(
    (state) => ['iks', state, iks(given(state)), `state = ${state}`] as const,
  ),
];

/** Judged as if it were running: the configuration is what counts. */
const UNMARKED: readonly (readonly [kind: SubjectKind, name: string, change: Change])[] = [
  ['aks', 'stopped', cluster<AksCluster>({ powerState: given('Stopped') })],
  ...[
    'pending',
    'warning',
    'critical',
    'updating',
    'unsupported',
    'update failed',
    'update canceled',
    'scaled down',
  ].map((state) => ['iks', state, iks(given(state))] as const),
];

const inventories = (await scan({ version: 'v2.31.0' }, {})).subjects.map(({ kind, evidence }) => ({
  kind,
  name: 'an inventory',
  evidence,
}));

function samplesOf(kind: SubjectKind) {
  const samples = [...SAMPLES, ...inventories].filter((sample) => sample.kind === kind);
  expect(samples.length).toBeGreaterThan(0);
  return samples.map(({ name, evidence }) => ({ name, evidence: evidence as Record<string, unknown> }));
}

const brief = ({ status, reason }: Verdict) => `${status} ${reason}`;

describe.each(Object.entries(UNJUDGEABLE) as [SubjectKind, readonly State[]][])(
  'no control of %s judges',
  (kind, states) => {
    test.each(states)('what is %s', (_name, change, expected) => {
      for (const { name, evidence } of samplesOf(kind)) {
        const said = [...verdictsOf(kind, change(evidence))].map(([id, verdict]) => `${id}: ${brief(verdict)}`);
        expect(said.length).toBeGreaterThan(0);
        expect(
          said.filter((line) => !line.endsWith(`: ${expected}`)),
          name,
        ).toEqual([]);
      }
    });
  },
);

describe('what is judged all the same', () => {
  test.each(MARKED)('%s %s: as usual, and marked', (kind, _name, change, line) => {
    for (const { name, evidence } of samplesOf(kind)) {
      const usual = verdictsOf(kind, evidence);
      for (const [id, verdict] of verdictsOf(kind, change(evidence))) {
        expect(`${id} ${brief(verdict)}`, name).toBe(`${id} ${brief(usual.get(id) as Verdict)}`);
        expect(
          verdict.proof.filter((proof) => proof.line.includes(line)),
          `${id} of ${name}`,
        ).toHaveLength(1);
      }
    }
  });

  test.each(UNMARKED)('%s %s: as usual', (kind, _name, change) => {
    for (const { name, evidence } of samplesOf(kind)) {
      const [usual, found] = [verdictsOf(kind, evidence), verdictsOf(kind, change(evidence))];
      expect(new Map([...found].map(([id, verdict]) => [id, brief(verdict)])), name).toEqual(
        new Map([...usual].map(([id, verdict]) => [id, brief(verdict)])),
      );
    }
  });
});
