import type { DeclaredEgress } from '#domain/central-egress.ts';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../../shared/combine.ts';
import { optional, short } from './cluster.ts';
import type { PlainRoute } from './default-route.ts';
import { defaultRouteFix } from './fix.ts';
import type { SubnetCase } from './subnets.ts';

export interface ApplianceRoute {
  readonly subnet: SubnetCase;
  readonly tableId: string;
  /** Whether the table serves this cluster only. */
  readonly own: boolean;
  /** Subnet and table, as a message calls them. */
  readonly here: string;
  readonly family: Parameters<typeof defaultRouteFix>[2];
  readonly proof: readonly Proof[];
}

/** What a declaration of central egress adds to the proof. */
export const declaredProof = ({ key, value }: DeclaredEgress): Proof => ({
  kind: 'declared',
  line: `${key}: ${value}`,
});

/** Where a default route to an appliance ends: at an Azure firewall, which the role sees, or at something that only a declaration can vouch for. */
export function judgeHops(routes: readonly PlainRoute[], at: ApplianceRoute, declared: DeclaredEgress): Verdict {
  const nameless = routes.find(({ nextHopIp }) => nextHopIp === undefined || nextHopIp === '');
  if (nameless !== undefined)
    return unknown('absent-field', `route ${nameless.name} of ${at.here} names no next hop address`, at.proof);
  const open = routes.find((route) => !isPrivateHere(route, at.subnet));
  if (open !== undefined) return notPrivate(open, at);
  return combine(
    routes.map((route) => judgeOwner(route, at, declared)),
    `${at.here} routes ${[...new Set(routes.map(({ prefix }) => prefix))].join(', ')} to ${[...new Set(routes.map(({ nextHopIp }) => nextHopIp))].join(', ')}`,
  );
}

/** Networks may use ranges that are public elsewhere: what the network or a peered one holds is private here. */
function isPrivateHere({ nextHopIp = '' }: PlainRoute, { facts }: SubnetCase): boolean {
  const ranges = facts.privateRanges.state === 'given' ? facts.privateRanges.value : [];
  return isWithinPrivate(nextHopIp, ranges);
}

function notPrivate(route: PlainRoute, at: ApplianceRoute): Verdict {
  const { subnet, here, family, proof } = at;
  const hop = `route ${route.name} of ${here} leads to ${route.nextHopIp}`;
  if (optional(subnet.facts.privateRanges, 'addressSpace of the network and its peers') === undefined)
    return unknown(
      'absent-field',
      `${hop}: whether a network in reach holds that address is not known, because not every address space was shown`,
      proof,
    );
  return fail(
    'next-hop-not-private',
    `${hop}, which is not a private address and belongs to no network in reach`,
    proof,
    defaultRouteFix(at, [route], family),
  );
}

function judgeOwner(route: PlainRoute, at: ApplianceRoute, declared: DeclaredEgress): Verdict {
  const { subnet, here, family, proof } = at;
  const address = route.nextHopIp ?? '';
  const owner = subnet.facts.nextHops.find((hop) => hop.address === address)?.owner;
  const accepted = pass(
    `${here} leads to ${address}, which is declared as ${declared.value}`,
    [...proof, declaredProof(declared)],
    'declared',
  );
  const decides = `azure.centralEgress (${declared.key}) declares it`;
  if (owner === undefined)
    return unknown('malformed-answer', `the next hop ${address} of ${here} was not looked up`, proof);
  if (owner.state === 'unavailable') {
    if (declared.value !== 'none') return accepted;
    const verdict = unknownBecause(owner, proof);
    return {
      ...verdict,
      message: `who holds the next hop ${address} of ${here} is not known: ${verdict.message}; ${decides}`,
    };
  }
  const holder = owner.value;
  if (holder.kind === 'azure-firewall') return pass(`${here} leads to the firewall ${short(holder.id)}`, proof);
  // A declaration says where a route leads; it does not put anything there.
  if (holder.kind === 'nothing')
    return fail(
      'next-hop-unknown',
      `the next hop ${address} of ${here} belongs to nothing: no firewall and no appliance has that address`,
      proof,
      defaultRouteFix(at, [route], family),
    );
  if (declared.value !== 'none') return accepted;
  const open =
    holder.publicIps.length === 0
      ? ''
      : `, which itself carries the public address ${holder.publicIps.map(short).join(', ')}`;
  return unknown(
    'undecidable',
    `${here} leads to ${address}, held by ${short(holder.id)} (${holder.type})${open}: what it lets out cannot be seen; ${decides}`,
    proof,
  );
}
