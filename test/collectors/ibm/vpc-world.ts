import { clusterOf, ok, play, type Route, record, verdictsOf } from './world.ts';

export const refused = { status: 403, body: { errors: [{ code: 'not_authorized', message: 'no access' }] } };
export const ROUTES = '/v1/vpcs/v1/routing_tables/rt1/routes';
export const GROUPS = '/v1/security_groups';
export const MEMBERSHIP = '/global/network/v2/security-group/getSecurityGroups';
export const FLOATING = '/v1/floating_ips';
export const BALANCERS = '/v1/load_balancers';

export const gateway = { public_gateway: { id: 'pgw' } };
export const subnet = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: 's1',
  vpc: { id: 'v1' },
  zone: { name: 'us-south-1' },
  routing_table: { id: 'rt1' },
  ...changes,
});
export const on = (...ids: readonly string[]) => [
  { id: 'w1', networkInterfaces: ids.map((subnetID, index) => ({ subnetID, ipAddress: `10.0.0.${index + 4}` })) },
];
export const outbound = (...ranges: readonly string[]) =>
  ranges.map((range) => ({ direction: 'outbound', protocol: 'all', remote: { cidr_block: range } }));
export const group = (rules: unknown, changes: Readonly<Record<string, unknown>> = {}) => ({
  id: 'sg1',
  name: 'kube-c1',
  vpc: { id: 'v1' },
  rules,
  targets: [],
  ...changes,
});

/** A VPC cluster without a way in or out; a test replaces single answers. */
export async function vpc(answers: Readonly<Record<string, ReturnType<Route> | Route>> = {}) {
  const usual: Readonly<Record<string, ReturnType<Route>>> = {
    '/global/v2/classic/getClusters': ok([]),
    '/global/v2/vpc/getClusters': ok([{ id: 'c1', name: 'prod', state: 'normal', provider: 'vpc-gen2' }]),
    '/global/v2/getCluster': ok(record({ provider: 'vpc-gen2', region: 'us-south' })),
    '/global/v2/vpc/getWorkers': ok(on('s1')),
    '/global/v2/alb/getClusterAlbs': ok({ alb: [] }),
    [MEMBERSHIP]: ok([{ id: 'sg1', type: 'cluster', name: 'kube-c1' }]),
    '/v1/subnets/s1': ok(subnet()),
    [ROUTES]: ok({ routes: [] }),
    [FLOATING]: ok({ floating_ips: [] }),
    [GROUPS]: ok({ security_groups: [group(outbound('10.0.0.0/8'))] }),
    [BALANCERS]: ok({ load_balancers: [] }),
  };
  const routes = Object.entries({ ...usual, ...answers }).map(([path, answer]) => [
    path,
    typeof answer === 'function' ? answer : () => answer,
  ]);
  const { collect, counts } = await play(Object.fromEntries(routes));
  const collected = await collect();
  const verdicts = verdictsOf(collected)['prod'] ?? {};
  return {
    counts,
    cluster: clusterOf(collected),
    gaps: collected.gaps.length,
    egress: verdicts['iks-node-egress'],
    ingress: verdicts['iks-ingress-private'],
  };
}
