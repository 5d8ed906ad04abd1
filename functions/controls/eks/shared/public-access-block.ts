import { ABSENT } from '#domain/collected.ts';
import type { EksNetwork, EksSubnet } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';

/** What VPC Block Public Access makes of a subnet's way out through a gateway. */
export type Block =
  | { readonly kind: 'lifted' }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'undecided'; readonly reason: UnknownReason; readonly message: string };

const LIFTED: Block = { kind: 'lifted' };
const undecided = (reason: UnknownReason, message: string): Block => ({ kind: 'undecided', reason, message });

/**
 * In mode block-ingress only NAT and egress-only gateways carry traffic: an instance behind an internet gateway reaches nothing either. Source: EC2 API
 * reference, BlockPublicAccessStates; VPC user guide, Block Public Access.
 */
const OUTBOUND_ONLY = ['nat-gateway', 'egress-only-gateway'];

/** Both modes of an exclusion lift the block for outbound traffic. */
const LIFTING = ['allow-bidirectional', 'allow-egress'];
/** States of an exclusion in which it is in force, and in which it is not. In between, both may be true. */
const IN_FORCE = ['create-complete', 'update-complete', 'update-failed'];
const NOT_IN_FORCE = ['create-failed', 'delete-complete', 'disable-complete'];

/**
 * The VPC's mode less its exclusions. For an appliance behind a firewall's or a Gateway Load Balancer's endpoint only the exclusion of the whole VPC counts:
 * that of a subnet leaves the endpoint's traffic blocked.
 */
export function blockOf(
  subnet: EksSubnet,
  network: EksNetwork,
  through: 'internet-gateway' | 'nat-gateway' | 'egress-only-gateway' | 'appliance',
): Block {
  const blockMode = subnet.blockMode.state === 'absent' ? blockModeOfVpc(subnet, network) : subnet.blockMode;
  if (blockMode.state === 'absent' || (blockMode.state === 'given' && blockMode.value === 'off')) return LIFTED;
  if (blockMode.state === 'malformed') return undecided('malformed-answer', `block mode ${blockMode.raw}`);
  const { value: mode } = blockMode;
  if (mode !== 'block-ingress' && mode !== 'block-bidirectional')
    return undecided('unrecognised-value', `block mode ${mode}`);
  // Whether what an appliance sends out counts as inbound traffic is decided behind it, by the gateway that it leaves through.
  if (mode === 'block-ingress' && (OUTBOUND_ONLY.includes(through) || through === 'appliance')) return LIFTED;
  return exclusionOf(subnet, network, through === 'appliance') ?? { kind: 'blocked' };
}

function blockModeOfVpc({ vpcId }: EksSubnet, { vpcs }: EksNetwork): EksSubnet['blockMode'] {
  const vpc = vpcs.state === 'collected' ? vpcs.value.find(({ id }) => id === vpcId) : undefined;
  return vpc?.blockMode ?? ABSENT;
}

/** Undefined: no exclusion names the subnet or its VPC. */
function exclusionOf({ id, vpcId }: EksSubnet, { blockExclusions }: EksNetwork, ofVpcOnly: boolean): Block | undefined {
  if (blockExclusions.state === 'unavailable') return undecided(blockExclusions.reason, blockExclusions.message);
  const named = blockExclusions.value.filter(({ resource }) => resource === vpcId || (!ofVpcOnly && resource === id));
  const standing = named.filter(({ state }) => !NOT_IN_FORCE.includes(state));
  if (standing.some(({ mode, state }) => LIFTING.includes(mode) && IN_FORCE.includes(state))) return LIFTED;
  const [open] = standing;
  if (open === undefined) return undefined;
  return LIFTING.includes(open.mode)
    ? undecided('transitional-state', `the exclusion of ${open.resource} from the block is ${open.state}`)
    : undecided('unrecognised-value', `${open.resource} is excluded from the block by mode ${open.mode}`);
}
