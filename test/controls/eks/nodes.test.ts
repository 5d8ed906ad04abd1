import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import {
  denied,
  evidence,
  instance,
  malformed,
  NO_PROXY,
  network,
  nodeGroup,
  outcome,
  read,
  subnet,
  template,
  verdictOf,
  withCluster,
  withNetwork,
  withNodeGroup,
} from './builders.ts';

type Row = readonly [name: string, of: EksEvidence, expected: string];

function rows(id: string, cases: readonly Row[], settings = {}) {
  test.each(cases)(`${id}: %s`, (_name, of, expected) => {
    expect(outcome(id, of, { settings })).toBe(expected);
  });
}

const mapping = subnet(1, { mapsPublicAddress: given(true) });
const open = network({ subnets: read([mapping, subnet(2)]) });
const instanceWith = (publicAddress: boolean) => read([instance({ publicAddress })]);
const unreadTemplate = { use: 'template', id: 'lt-1', version: '3', content: denied() } as const;
const onFargate = {
  nodeGroups: read<never[]>([]),
  fargateProfiles: read([read({ name: 'f', subnetIds: given(['subnet-1']) })]),
};

describe('eks-node-public-address', () => {
  rows('eks-node-public-address', [
    ['the subnets give none', evidence(), 'PASS holds'],
    ['one of two subnets gives one', evidence({ network: open }), 'FAIL subnet-maps-public'],
    [
      'the template forbids what the subnet gives',
      evidence({
        network: open,
        nodeGroups: read([read(nodeGroup({ launchTemplate: template({ associatePublicAddress: given(false) }) }))]),
      }),
      'PASS holds',
    ],
    [
      'the template gives what the subnet does not',
      withNodeGroup({ launchTemplate: template({ associatePublicAddress: given(true) }) }),
      'FAIL launch-template',
    ],
    [
      'a template without a word leaves it to the subnet',
      evidence({ network: open, nodeGroups: read([read(nodeGroup({ launchTemplate: template() }))]) }),
      'FAIL subnet-maps-public',
    ],
    ['the template was not read', withNodeGroup({ launchTemplate: unreadTemplate }), 'UNKNOWN denied'],
    [
      'the template says something else',
      withNodeGroup({ launchTemplate: template({ associatePublicAddress: malformed }) }),
      'UNKNOWN malformed-answer',
    ],
    [
      'the subnet does not report',
      withNetwork({ subnets: read([subnet(1, { mapsPublicAddress: ABSENT }), subnet(2)]) }),
      'UNKNOWN absent-field',
    ],
    ['subnets were not read', withNetwork({ subnets: denied() }), 'UNKNOWN denied'],
    ['a subnet is gone', withNetwork({ subnets: read([subnet(1)]) }), 'FAIL not-found'],
    ['node groups were not read', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    ['one node group was not read', evidence({ nodeGroups: read([read(nodeGroup()), denied()]) }), 'UNKNOWN denied'],
    [
      'a defect found stands beside an unread group',
      evidence({ network: open, nodeGroups: read([denied(), read(nodeGroup())]) }),
      'FAIL subnet-maps-public',
    ],
    ['an instance has one', evidence({ instances: instanceWith(true) }), 'FAIL instance-public-address'],
    [
      'an instance of a managed group has one',
      evidence({ instances: read([instance({ nodeGroup: given('workers'), publicAddress: true })]) }),
      'FAIL instance-public-address',
    ],
    ['an instance has none', evidence({ instances: instanceWith(false) }), 'PASS holds'],
    ['instances were not read', evidence({ instances: denied() }), 'UNKNOWN denied'],
    ['Fargate alone', evidence({ ...onFargate, network: open }), 'NOT_APPLICABLE no-nodes'],
    [
      'no nodes yet, and a public subnet',
      evidence({ nodeGroups: read<never[]>([]), network: open }),
      'FAIL subnet-maps-public',
    ],
    ['no nodes yet', evidence({ nodeGroups: read<never[]>([]) }), 'PASS holds'],
    ['Auto Mode cannot pass', withCluster({ autoMode: given(true) }), 'UNKNOWN undecidable'],
  ]);

  test('Auto Mode can fail by the subnets of the cluster', () => {
    const of = { ...withCluster({ autoMode: given(true) }), nodeGroups: read<never[]>([]), network: open };
    expect(outcome('eks-node-public-address', of)).toBe('FAIL subnet-maps-public');
  });

  test('the finding names the path from the group to the setting', () => {
    const verdict = verdictOf('eks-node-public-address', evidence({ network: open }));
    expect(verdict.proof[0]).toMatchObject({ hops: ['workers', 'subnet-1'], value: true });
    expect(verdict).toMatchObject({ fix: { commands: [expect.stringContaining('Name=subnet-id,Values=subnet-1')] } });
  });
});

describe('eks-node-proxy', () => {
  test('does not apply where no proxy is declared', () => {
    expect(outcome('eks-node-proxy', evidence())).toBe('NOT_APPLICABLE not-declared');
  });

  rows(
    'eks-node-proxy',
    [
      [
        'the user data sets one',
        withNodeGroup({ launchTemplate: template({ setsProxy: given(true), noProxy: given(NO_PROXY) }) }),
        'PASS holds',
      ],
      ['the template was not read', withNodeGroup({ launchTemplate: unreadTemplate }), 'UNKNOWN denied'],
      ['no template shows it', evidence(), 'UNKNOWN undecidable'],
      ['node groups were not read', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    ],
    { required: true },
  );

  test('fails where the user data sets none', () => {
    const of = withNodeGroup({ launchTemplate: template({ setsProxy: given(false) }) });
    expect(verdictOf('eks-node-proxy', of, { settings: { required: true } }).status).toBe('FAIL');
  });
});

describe('eks-pod-capacity', () => {
  const of = (type: string, change: Partial<EksEvidence> = {}) =>
    evidence({ nodeGroups: read([read(nodeGroup({ instanceTypes: given([type]) }))]), ...change });
  const prefixes = (value: string) => ({
    vpcCni: {
      state: 'listed' as const,
      configuration: read(given(`{"env":{"ENABLE_PREFIX_DELEGATION":"${value}"}}`)),
    },
  });

  rows(
    'eks-pod-capacity',
    [
      ['4 × 14 + 2 = 58 pods', of('m5.2xlarge'), 'PASS holds'],
      ['3 × 9 + 2 = 29 pods are one too few', of('m5.large', prefixes('false')), 'FAIL too-few-pods'],
      ['prefixes make up for it', of('m5.large', prefixes('true')), 'PASS holds'],
      [
        'whether there are prefixes is inside the cluster',
        of('m5.large', { addons: read(['coredns']), vpcCni: { state: 'not-installed' } }),
        'UNKNOWN undecidable',
      ],
      [
        'the type of the template counts',
        withNodeGroup({ instanceTypes: ABSENT, launchTemplate: template({ instanceType: given('m5.2xlarge') }) }),
        'PASS holds',
      ],
      ['no type is told', withNodeGroup({ instanceTypes: ABSENT }), 'UNKNOWN absent-field'],
      ['types were not read', withNetwork({ instanceTypes: denied() }), 'UNKNOWN denied'],
      ['exactly enough addresses', withNodeGroup({ maxSize: given(400) }), 'PASS holds'],
      ['one address too few', withNodeGroup({ maxSize: given(401) }), 'FAIL too-few-addresses'],
      ['the size is not reported', withNodeGroup({ maxSize: ABSENT }), 'UNKNOWN absent-field'],
      ['node groups were not read', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    ],
    { podsPerNode: 30 },
  );

  test('29 pods are enough for whoever asks for 29', () => {
    const settings = { podsPerNode: 29 };
    expect(outcome('eks-pod-capacity', of('m5.large', prefixes('false')), { settings })).toBe('PASS holds');
  });

  test('does not apply without node groups', () => {
    expect(verdictOf('eks-pod-capacity', evidence(onFargate)).status).toBe('NOT_APPLICABLE');
  });
});
