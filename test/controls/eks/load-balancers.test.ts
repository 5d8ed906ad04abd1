import { describe, expect, test } from 'vitest';
import { ABSENT, given, unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksLoadBalancer } from '#domain/evidence/eks-load-balancers.ts';
import {
  cluster,
  denied,
  evidence,
  instance,
  malformed,
  network,
  outcome,
  read,
  subnet,
  verdictOf,
  vpc,
} from './builders.ts';

const ID = 'eks-load-balancer-internal';
const PUBLIC = [subnet(7, { id: 'subnet-7' }), subnet(8, { id: 'subnet-8' })];

/** An internet-facing balancer in the cluster's VPC that belongs to nobody yet. */
function balancer(change: Partial<EksLoadBalancer> = {}): EksLoadBalancer {
  return {
    name: 'web',
    type: 'application',
    scheme: given('internet-facing'),
    vpcId: given('vpc-1'),
    subnetIds: ['subnet-7', 'subnet-8'],
    tags: read<{ key: string; value: string }[]>([]),
    targets: read({ instanceIds: [], addresses: [] }),
    ...change,
  };
}

const facing = (change: Partial<EksLoadBalancer>, rest: Partial<EksEvidence> = {}) =>
  evidence({ network: network({ loadBalancers: read({ read: 4, facing: [balancer(change)] }) }), ...rest });
const tagged = (key: string, value: string, change: Partial<EksLoadBalancer> = {}) =>
  facing({ tags: read([{ key, value }]), ...change });
const leadingTo = (addresses: string[], instanceIds: string[] = []) => ({ targets: read({ instanceIds, addresses }) });

describe('which balancers are the cluster’s', () => {
  test.each<[string, EksEvidence, string]>([
    ['none faces the internet', evidence(), 'PASS holds'],
    ['the controller’s tag names the cluster', tagged('elbv2.k8s.aws/cluster', 'shop'), 'FAIL internet-facing'],
    ['the controller’s tag names another cluster', tagged('elbv2.k8s.aws/cluster', 'shop-2'), 'PASS holds'],
    ['Auto Mode’s tag names the cluster', tagged('eks:eks-cluster-name', 'shop'), 'FAIL internet-facing'],
    [
      'the in-tree tag names the cluster',
      tagged('kubernetes.io/cluster/shop', 'owned', { type: 'classic' }),
      'FAIL internet-facing',
    ],
    [
      'the in-tree tag names a cluster with a longer name',
      tagged('kubernetes.io/cluster/shop-2', 'owned'),
      'PASS holds',
    ],
    ['the first controller’s tag', tagged('ingress.k8s.aws/cluster', 'shop'), 'FAIL internet-facing'],
    [
      'an Ingress of an unnamed cluster, in this VPC',
      tagged('ingress.k8s.aws/stack', 'shop/web'),
      'FAIL internet-facing',
    ],
    [
      'a Service of an unnamed cluster, in this VPC',
      tagged('service.k8s.aws/stack', 'shop/web', { type: 'network' }),
      'FAIL internet-facing',
    ],
    ['a Gateway (application)', tagged('gateway.k8s.aws.alb/stack', 'shop/web'), 'FAIL internet-facing'],
    ['a Gateway (network)', tagged('gateway.k8s.aws.nlb/stack', 'shop/web'), 'FAIL internet-facing'],
    [
      'a Service of an unnamed cluster, in another VPC',
      tagged('service.k8s.aws/stack', 'shop/web', { vpcId: given('vpc-9') }),
      'PASS holds',
    ],
    [
      'the cluster’s tag in another VPC',
      tagged('elbv2.k8s.aws/cluster', 'shop', { vpcId: given('vpc-9') }),
      'FAIL internet-facing',
    ],
    ['somebody else’s, in this VPC', tagged('team', 'web'), 'PASS holds'],
    [
      'a target is an instance of the cluster',
      facing(leadingTo([], ['i-9', 'i-1']), { instances: read([instance()]) }),
      'FAIL internet-facing',
    ],
    [
      'a target is an instance of nobody',
      facing(leadingTo([], ['i-9']), { instances: read([instance()]) }),
      'PASS holds',
    ],
    ['a target is an address in a node subnet', facing(leadingTo(['10.0.2.17'])), 'FAIL internet-facing'],
    ['a target is an address beside the node subnets', facing(leadingTo(['10.0.3.17'])), 'PASS holds'],
    [
      'tagged for another cluster, with a target in this one',
      tagged('elbv2.k8s.aws/cluster', 'other', leadingTo(['10.0.1.9'])),
      'FAIL internet-facing',
    ],
    [
      'one of two is the cluster’s',
      evidence({
        network: network({
          loadBalancers: read({
            read: 2,
            facing: [balancer({ name: 'a' }), balancer({ name: 'b', ...leadingTo(['10.0.1.9']) })],
          }),
        }),
      }),
      'FAIL internet-facing',
    ],
    [
      'a Fargate pod’s subnet',
      facing(leadingTo(['10.0.7.9']), {
        fargateProfiles: read([read({ name: 'jobs', subnetIds: given(['subnet-7']) })]),
        network: network({
          subnets: read([subnet(1), subnet(2), ...PUBLIC]),
          loadBalancers: read({ read: 1, facing: [balancer(leadingTo(['10.0.7.9']))] }),
        }),
      }),
      'FAIL internet-facing',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('what was not read', () => {
  test.each<[string, EksEvidence, string]>([
    ['the balancers', evidence({ network: network({ loadBalancers: denied() }) }), 'UNKNOWN denied'],
    ['the tags', facing({ tags: denied() }), 'UNKNOWN denied'],
    [
      'the tags, but a target is the cluster’s',
      facing({ tags: denied(), ...leadingTo(['10.0.1.9']) }),
      'FAIL internet-facing',
    ],
    ['the targets', facing({ targets: denied() }), 'UNKNOWN denied'],
    [
      'the targets, but the tags name the cluster',
      tagged('elbv2.k8s.aws/cluster', 'shop', { targets: denied() }),
      'FAIL internet-facing',
    ],
    [
      'the targets of a balancer elsewhere',
      facing({ vpcId: given('vpc-9'), targets: unavailable('not-scanned', 'not asked', 'x') }),
      'PASS holds',
    ],
    ['the instances', facing(leadingTo([], ['i-9']), { instances: denied() }), 'UNKNOWN denied'],
    [
      'the node groups, with targets by address',
      facing(leadingTo(['10.0.3.17']), { nodeGroups: denied() }),
      'UNKNOWN denied',
    ],
    ['the scheme', tagged('elbv2.k8s.aws/cluster', 'shop', { scheme: ABSENT }), 'UNKNOWN absent-field'],
    [
      'a scheme of another type',
      tagged('elbv2.k8s.aws/cluster', 'shop', { scheme: malformed }),
      'UNKNOWN malformed-answer',
    ],
    [
      'a scheme that nobody documented',
      tagged('elbv2.k8s.aws/cluster', 'shop', { scheme: given('sideways') }),
      'UNKNOWN unrecognised-value',
    ],
    ['its VPC', facing({ vpcId: ABSENT, ...leadingTo(['10.0.1.9']) }), 'UNKNOWN absent-field'],
    [
      'its VPC, and it was made for a Service',
      tagged('service.k8s.aws/stack', 'a/b', { vpcId: ABSENT }),
      'UNKNOWN absent-field',
    ],
    [
      'its VPC, with an instance of the cluster',
      facing({ vpcId: ABSENT, ...leadingTo([], ['i-1']) }, { instances: read([instance()]) }),
      'FAIL internet-facing',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('Block Public Access', () => {
  type Exclusion = { resource: string; mode: string; state: string };
  const blocked = (mode: string, exclusions: Exclusion[] | 'denied' = [], first = mode) =>
    evidence({
      network: network({
        subnets: read([
          subnet(1),
          subnet(2),
          ...PUBLIC.map((entry, index) => ({ ...entry, blockMode: given(index === 0 ? first : mode) })),
        ]),
        blockExclusions: exclusions === 'denied' ? denied() : read(exclusions),
        loadBalancers: read({
          read: 1,
          facing: [balancer({ tags: read([{ key: 'elbv2.k8s.aws/cluster', value: 'shop' }]) })],
        }),
      }),
    });
  const excluded = (mode: string, resource = 'subnet-7', state = 'create-complete'): Exclusion[] => [
    { resource, mode, state },
  ];

  test.each<[string, EksEvidence, string]>([
    ['off', blocked('off'), 'FAIL internet-facing'],
    ['block-bidirectional', blocked('block-bidirectional'), 'PASS holds'],
    ['block-ingress', blocked('block-ingress'), 'PASS holds'],
    ['one subnet of two is blocked', blocked('block-ingress', [], 'off'), 'FAIL internet-facing'],
    [
      'a subnet is excluded in both directions',
      blocked('block-ingress', excluded('allow-bidirectional')),
      'FAIL internet-facing',
    ],
    [
      'the VPC is excluded in both directions',
      blocked('block-bidirectional', excluded('allow-bidirectional', 'vpc-1')),
      'FAIL internet-facing',
    ],
    ['excluded for outbound traffic only', blocked('block-bidirectional', excluded('allow-egress')), 'PASS holds'],
    [
      'the exclusion is gone',
      blocked('block-bidirectional', excluded('allow-bidirectional', 'subnet-7', 'delete-complete')),
      'PASS holds',
    ],
    [
      'another subnet is excluded',
      blocked('block-bidirectional', excluded('allow-bidirectional', 'subnet-1')),
      'PASS holds',
    ],
    [
      'an exclusion that nobody documented',
      blocked('block-bidirectional', excluded('allow-some')),
      'UNKNOWN unrecognised-value',
    ],
    ['the exclusions were not read', blocked('block-bidirectional', 'denied'), 'UNKNOWN denied'],
    ['a mode that nobody documented', blocked('block-some'), 'UNKNOWN unrecognised-value'],
    [
      'the subnets of the balancer were not read, and the VPC blocks',
      evidence({
        network: network({
          vpcs: read([vpc({ blockMode: given('block-bidirectional') })]),
          loadBalancers: read({
            read: 1,
            facing: [balancer({ tags: read([{ key: 'elbv2.k8s.aws/cluster', value: 'shop' }]) })],
          }),
        }),
      }),
      'UNKNOWN not-found',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('the finding', () => {
  test('names the balancer, what it was made for, and prints nothing that cuts it off', () => {
    const verdict = verdictOf(
      ID,
      facing({
        name: 'k8s-shop',
        tags: read([
          { key: 'elbv2.k8s.aws/cluster', value: 'shop' },
          { key: 'ingress.k8s.aws/stack', value: 'shop/web' },
        ]),
      }),
    );
    expect(verdict.message).toBe(
      'k8s-shop (application), made for ingress.k8s.aws/stack shop/web, faces the internet: its tags name cluster shop',
    );
    expect(verdict.status === 'FAIL' && verdict.fix?.checkFirst?.[0]).toContain('k8s-shop');
    expect(verdict.status === 'FAIL' && verdict.fix?.commands).toEqual([
      'aws elbv2 describe-load-balancers --region ap-northeast-1 --names k8s-shop',
      'kubectl get services,ingresses --all-namespaces --output wide',
    ]);
  });

  test('a balancer that serves nobody of the cluster is in the proof', () => {
    expect(verdictOf(ID, facing({})).proof.map(({ line }) => line)).toEqual([
      '4 load balancers of the region were read, 1 of them not internal',
      'web (application) faces the internet and does not serve the cluster',
    ]);
  });

  test('a cluster of EKS Connector has no balancer here', () => {
    expect(outcome(ID, evidence({ cluster: read(cluster({ kind: 'connected' })) }))).toBe(
      'NOT_APPLICABLE connected-cluster',
    );
  });
});
