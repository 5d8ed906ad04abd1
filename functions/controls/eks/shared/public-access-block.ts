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

/** NAT and egress-only gateways let nothing in, so blocking inbound traffic leaves them alone. Source: VPC user guide, Block Public Access. */
const OUTBOUND_ONLY = ['nat-gateway', 'egress-only-gateway'];

/** Both modes of an exclusion lift the block for outbound traffic. */
const LIFTING = ['allow-bidirectional', 'allow-egress'];
/** States of an exclusion in which it is in force, and in which it is not. In between, both may be true. */
const IN_FORCE = ['create-complete', 'update-complete', 'update-failed'];
const NOT_IN_FORCE = ['create-failed', 'delete-complete', 'disable-complete'];

/** The VPC's mode less its exclusions. */
export function blockOf(
  subnet: EksSubnet,
  network: EksNetwork,
  through: 'internet-gateway' | 'nat-gateway' | 'egress-only-gateway',
): Block {
  const blockMode = subnet.blockMode.state === 'absent' ? blockModeOfVpc(subnet, network) : subnet.blockMode;
  if (blockMode.state === 'absent' || (blockMode.state === 'given' && blockMode.value === 'off')) return LIFTED;
  if (blockMode.state === 'malformed') return undecided('malformed-answer', `block mode ${blockMode.raw}`);
  if (blockMode.value === 'block-ingress') {
    return OUTBOUND_ONLY.includes(through) ? LIFTED : undecided('undecidable', 'block mode block-ingress');
  }
  if (blockMode.value !== 'block-bidirectional') {
    return undecided('unrecognised-value', `block mode ${blockMode.value}`);
  }
  return exclusionOf(subnet, network) ?? { kind: 'blocked' };
}

function blockModeOfVpc({ vpcId }: EksSubnet, { vpcs }: EksNetwork): EksSubnet['blockMode'] {
  const vpc = vpcs.state === 'collected' ? vpcs.value.find(({ id }) => id === vpcId) : undefined;
  return vpc?.blockMode ?? ABSENT;
}

/** Undefined: no exclusion names the subnet or its VPC. */
function exclusionOf({ id, vpcId }: EksSubnet, { blockExclusions }: EksNetwork): Block | undefined {
  if (blockExclusions.state === 'unavailable') return undecided(blockExclusions.reason, blockExclusions.message);
  const named = blockExclusions.value.filter(({ resource }) => resource === id || resource === vpcId);
  const standing = named.filter(({ state }) => !NOT_IN_FORCE.includes(state));
  if (standing.some(({ mode, state }) => LIFTING.includes(mode) && IN_FORCE.includes(state))) return LIFTED;
  const [open] = standing;
  if (open === undefined) return undefined;
  return LIFTING.includes(open.mode)
    ? undecided('transitional-state', `the exclusion of ${open.resource} from the block is ${open.state}`)
    : undecided('unrecognised-value', `${open.resource} is excluded from the block by mode ${open.mode}`);
}
