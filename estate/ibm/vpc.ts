import type { LoopbackAnswer } from '../http.ts';
import type { IbmAccount, IksSpec } from './model.ts';

/** The VPC API of an account: one network of each cluster, with a subnet, a routing table, a security group and load balancers. Undefined: another path. */
export function answerVpc(path: string, { clusters }: IbmAccount): LoopbackAnswer {
  const onVpc = clusters.filter(({ kind }) => kind === 'vpc');
  const subnet = /^\/v1\/subnets\/subnet-(.+)$/.exec(path)?.[1];
  if (subnet !== undefined) {
    const cluster = onVpc.find(({ name }) => name === subnet);
    return cluster === undefined ? notFound(path) : { body: subnetOf(cluster) };
  }
  if (/^\/v1\/vpcs\/[^/]+\/routing_tables\/[^/]+\/routes$/.test(path)) return { body: { routes: [] } };
  if (path === '/v1/floating_ips') return { body: { floating_ips: [] } };
  if (path === '/v1/security_groups') return { body: { security_groups: onVpc.map(groupOf) } };
  if (path === '/v1/load_balancers') return { body: { load_balancers: onVpc.flatMap(balancersOf) } };
  return undefined;
}

function notFound(path: string): LoopbackAnswer {
  return { status: 404, body: { errors: [{ code: 'not_found', message: `${path} is not there` }] } };
}

function subnetOf({ name, region, publicGateway }: IksSpec) {
  return {
    id: `subnet-${name}`,
    name,
    vpc: { id: `vpc-${name}` },
    zone: { name: `${region}-1` },
    routing_table: { id: `table-${name}`, name: 'default' },
    ...(publicGateway ? { public_gateway: { id: `pgw-subnet-${name}` } } : {}),
  };
}

function groupOf({ id, name, outboundProtection }: IksSpec) {
  const ranges = outboundProtection ? ['10.243.0.0/16', '161.26.0.0/16', '166.8.0.0/14'] : ['0.0.0.0/0'];
  return {
    id: `sg-${name}`,
    name: `kube-${id}`,
    vpc: { id: `vpc-${name}` },
    rules: ranges.map((range) => ({ direction: 'outbound', protocol: 'all', remote: { cidr_block: range } })),
    targets: [],
  };
}

function balancersOf({ id, name, region, publicLoadBalancer }: IksSpec) {
  const uid = '0f5b7c0e7d5c4f1c8d1f2a3b4c5d6e7f';
  const balancer = {
    id: `lb-${name}`,
    name: `kube-${id}-${uid}`,
    is_public: publicLoadBalancer,
    hostname: `${uid.slice(0, 8)}-${region}.lb.appdomain.cloud`,
    public_ips: publicLoadBalancer ? [{ address: '203.0.113.150' }] : [],
    security_groups: [{ id: `sg-lb-${name}`, name: `kube-lbaas-${id}` }],
    subnets: [{ id: `subnet-${name}` }],
    pools: [],
  };
  return [balancer];
}
