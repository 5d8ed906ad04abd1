import type { EksLoadBalancer } from '#domain/evidence/eks-load-balancers.ts';
import type { EksNetwork, EksSubnet } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';

/** Whether Block Public Access keeps the internet from a load balancer. */
export type Reach =
  | { readonly kind: 'reachable' | 'blocked' }
  | { readonly kind: 'undecided'; readonly reason: UnknownReason; readonly message: string };

/** Both modes stop what comes in through an internet gateway. Source: VPC user guide, Block Public Access. */
const BLOCKING = ['block-ingress', 'block-bidirectional'];
/** The one mode of an exclusion that lets traffic in. */
const ADMITTING = 'allow-bidirectional';
/** States of an exclusion in which it is not in force; in all others it is or may be. */
const NOT_IN_FORCE = ['create-failed', 'delete-complete', 'disable-complete'];

/** One subnet that is not blocked is enough to be reached. */
export function reachOf({ name, subnetIds }: EksLoadBalancer, network: EksNetwork): Reach {
  if (subnetIds.length === 0) return { kind: 'reachable' };
  const reaches = subnetIds.map((id) => subnetReach(id, name, network));
  return (
    reaches.find(({ kind }) => kind === 'reachable') ??
    reaches.find(({ kind }) => kind === 'undecided') ?? { kind: 'blocked' }
  );
}

function subnetReach(id: string, name: string, network: EksNetwork): Reach {
  const { subnets, vpcs, blockExclusions } = network;
  const undecided = (reason: UnknownReason, message: string): Reach => ({
    kind: 'undecided',
    reason,
    message: `${id} of ${name}: ${message}`,
  });
  if (subnets.state === 'unavailable') return undecided(subnets.reason, subnets.message);
  const subnet: EksSubnet | undefined = subnets.value.find((entry) => entry.id === id);
  // Without the subnet's own word nothing says that it is blocked, and without any block it is not.
  if (subnet === undefined)
    return anyBlock(network)
      ? undecided('not-found', 'whether Block Public Access covers it was not read')
      : { kind: 'reachable' };
  if (subnet.blockMode.state === 'absent' && vpcs.state === 'unavailable') return undecided(vpcs.reason, vpcs.message);
  const vpc = vpcs.state === 'collected' ? vpcs.value.find((entry) => entry.id === subnet.vpcId) : undefined;
  const mode = subnet.blockMode.state === 'absent' ? vpc?.blockMode : subnet.blockMode;
  if (mode === undefined || mode.state === 'absent' || (mode.state === 'given' && mode.value === 'off'))
    return { kind: 'reachable' };
  if (mode.state === 'malformed') return undecided('malformed-answer', `block mode ${mode.raw}`);
  if (!BLOCKING.includes(mode.value)) return undecided('unrecognised-value', `block mode ${mode.value}`);
  if (blockExclusions.state === 'unavailable') return undecided(blockExclusions.reason, blockExclusions.message);
  const open = blockExclusions.value.filter(
    ({ resource, state }) => (resource === id || resource === subnet.vpcId) && !NOT_IN_FORCE.includes(state),
  );
  if (open.some(({ mode: lifted }) => lifted === ADMITTING)) return { kind: 'reachable' };
  const other = open.find(({ mode: lifted }) => lifted !== 'allow-egress');
  return other === undefined
    ? { kind: 'blocked' }
    : undecided('unrecognised-value', `excluded from the block by mode ${other.mode}`);
}

function anyBlock({ subnets, vpcs }: EksNetwork): boolean {
  const modes = [
    ...(subnets.state === 'collected' ? subnets.value : []),
    ...(vpcs.state === 'collected' ? vpcs.value : []),
  ].map(({ blockMode }) => blockMode);
  return modes.some((mode) => mode.state === 'malformed' || (mode.state === 'given' && mode.value !== 'off'));
}
