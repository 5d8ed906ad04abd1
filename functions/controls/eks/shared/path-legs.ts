import type { EksNetwork, EksRoute, EksSubnet } from '#domain/evidence/eks-network.ts';
import type { EksInterface } from '#domain/evidence/eks-paths.ts';
import { type Egress, type Follow, type Leg, undecided, vpcOf, worstOf } from './paths.ts';
import { blockOf } from './public-access-block.ts';

/** How a path goes on behind a target that stands in the VPC itself: a NAT gateway, an instance, a firewall's endpoint. */

const CLOSED: Egress = { kind: 'closed', peering: false };
const end = (egress: Egress): Leg => ({ egress, hops: [] });

/** The subnet in which a target stands; undefined: it is not among those that this account sees. */
function subnetOf(id: string, { subnets }: EksNetwork): EksSubnet | undefined {
  return subnets.state === 'collected' ? subnets.value.find((subnet) => subnet.id === id) : undefined;
}

export function natEgress(route: EksRoute, subnet: EksSubnet, network: EksNetwork, follow: Follow): Leg {
  const { natGateways } = network;
  if (natGateways.state === 'unavailable') return end(undecided(natGateways.reason, natGateways.message));
  const gateway = natGateways.value.find(({ id }) => id === route.targetId);
  if (gateway === undefined) return end(undecided('not-found', `${route.targetId} was not in the answer`));
  const { connectivity, subnetId } = gateway;
  if (connectivity !== 'private' && connectivity !== 'public')
    return end(undecided('unrecognised-value', `${route.targetId} is ${connectivity}`));
  if (subnetId.state !== 'given')
    return end(undecided('absent-field', `the subnet of ${route.targetId} was not in the answer`));
  const home = subnetOf(subnetId.value, network);
  if (connectivity === 'private') return behindPrivateNat(subnetId.value, home, follow);
  // The block stops the gateway by the subnet that it stands in, whatever is excluded for the nodes' own.
  const place = home ?? { ...subnet, id: subnetId.value };
  const block = blockOf(place, network, 'nat-gateway');
  if (block.kind === 'lifted') return end({ kind: 'open', via: 'nat-gateway' });
  return end(block.kind === 'blocked' ? CLOSED : block);
}

/** A private gateway has no public address, so an internet gateway carries nothing for it; all other routes of its subnet do. Source: VPC user guide, NAT gateways. */
function behindPrivateNat(subnetId: string, home: EksSubnet | undefined, follow: Follow): Leg {
  if (home === undefined)
    return end(undecided('not-found', `${subnetId}, where the private NAT gateway stands, was not in the answer`));
  const next = follow(home);
  if (next === undefined) return end(CLOSED);
  const { egress, hops } = next;
  if (egress.kind === 'closed' || (egress.kind === 'open' && egress.via === 'internet-gateway')) return end(CLOSED);
  return { egress, hops };
}

/** A NAT instance or an appliance sends on what it gets by the routes of the subnets in which it has interfaces. */
export function throughInterfaces({ targetId }: EksRoute, network: EksNetwork, follow: Follow): Leg {
  const { interfaces } = network;
  if (interfaces.state === 'unavailable') return end(undecided(interfaces.reason, interfaces.message));
  const target = interfaces.value.find(({ id, instanceId }) => id === targetId || given(instanceId) === targetId);
  if (target === undefined) return end({ kind: 'elsewhere' });
  const instance = given(target.instanceId);
  const all =
    instance === undefined ? [target] : interfaces.value.filter(({ instanceId }) => given(instanceId) === instance);
  const legs = all.flatMap((entry) => legOf(entry, targetId, network, follow));
  const worst = worstOf(legs);
  if (worst !== undefined && worst.egress.kind !== 'closed') return worst;
  // What an interface without an instance belongs to, and which other ways it has, is not visible.
  return end(instance === undefined ? { kind: 'elsewhere' } : CLOSED);
}

const given = <T>(field: { readonly state: string; readonly value?: T }): T | undefined => field.value;

function legOf(entry: EksInterface, through: string, network: EksNetwork, follow: Follow): readonly Leg[] {
  const home = subnetOf(entry.subnetId, network);
  if (home === undefined) return [end({ kind: 'elsewhere' })];
  const next = follow(home);
  if (next === undefined) return [];
  const { egress, hops } = next;
  if (egress.kind !== 'open') return [{ egress, hops }];
  const viaGateway = egress.via === 'internet-gateway';
  const idle = given(entry.sourceDestCheck)
    ? `the source and destination check of ${entry.id} is on, so that it forwards nothing`
    : viaGateway && !entry.publicAddress
      ? `${entry.id} has no public address`
      : egress.idle;
  return [
    {
      egress: {
        kind: 'open',
        via: viaGateway ? 'nat-instance' : egress.via,
        through,
        ...(idle === undefined ? {} : { idle }),
      },
      hops,
    },
  ];
}

/**
 * An endpoint of a firewall or of a Gateway Load Balancer: what it lets pass goes on by the routes of its own subnets. Where those lead nowhere, the appliance
 * behind it may still have a way of its own.
 */
export function throughEndpoint(route: EksRoute, subnet: EksSubnet, network: EksNetwork, follow: Follow): Leg {
  const vpc = vpcOf(network, subnet.vpcId);
  if ('state' in vpc) return end(undecided(vpc.reason, vpc.message));
  if (vpc.endpoints.state === 'unavailable') return end(undecided(vpc.endpoints.reason, vpc.endpoints.message));
  const endpoint = vpc.endpoints.value.find(({ id }) => id === route.targetId);
  if (endpoint?.type.toLowerCase() !== 'gatewayloadbalancer') return end({ kind: 'elsewhere' });
  const homes = endpoint.subnetIds.map((id) => subnetOf(id, network));
  // An exclusion of the endpoint's subnet does not lift the block here. Source: VPC user guide, Block Public Access basics.
  const blocks = homes.flatMap((home) => (home === undefined ? [] : [blockOf(home, network, 'appliance')]));
  if (homes.length > 0 && homes.length === blocks.length && blocks.every(({ kind }) => kind === 'blocked'))
    return end(CLOSED);
  const legs = homes.flatMap((home): readonly Leg[] => {
    const next = home === undefined ? undefined : follow(home);
    return next === undefined ? [] : [{ egress: next.egress, hops: next.hops }];
  });
  const worst = worstOf(legs);
  if (worst === undefined || worst.egress.kind === 'closed') return end({ kind: 'elsewhere' });
  const unclear = blocks.find(({ kind }) => kind === 'undecided');
  if (worst.egress.kind !== 'open') return worst;
  return unclear?.kind === 'undecided' ? end(unclear) : { ...worst, egress: { ...worst.egress, through: endpoint.id } };
}
