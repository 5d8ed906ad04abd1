import type { DeclaredEgress } from '#domain/central-egress.ts';
import { type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { declaredProof } from './appliance-hop.ts';
import type { SubnetCase } from './subnets.ts';

/** A control that asks where a way out leads which no route of the table shows. */
interface Asking {
  readonly parameters: { readonly acceptNetworkGateway: boolean };
  readonly declaredEgress: (networks: readonly string[]) => DeclaredEgress;
}

/** A way to the organisation's own network, where the configuration vouches for it. */
export function accepted(
  subject: Asking,
  subnet: SubnetCase,
  what: string,
  proof: readonly Proof[],
): Verdict | undefined {
  if (subject.parameters.acceptNetworkGateway)
    return pass(
      `${what}, which the configuration accepts`,
      [...proof, { kind: 'declared', line: 'acceptNetworkGateway: true' }],
      'declared',
    );
  const declared = subject.declaredEgress([subnet.id]);
  return declared.value === 'none'
    ? undefined
    : pass(`${what}, which is declared as ${declared.value}`, [...proof, declaredProof(declared)], 'declared');
}

/** A virtual hub, a route server or a gateway may hand out a default route that only effective routes would show. */
export function judgeLearned(
  subject: Asking,
  subnet: SubnetCase,
  what: string,
  proof: readonly Proof[],
): Verdict | undefined {
  const [gateway] = subnet.facts.gateways;
  if (gateway === undefined) return undefined;
  return (
    accepted(subject, subnet, `${what}: its default is learned (${gateway})`, proof) ??
    unknown(
      'undecidable',
      `${what}, but a default may be learned by BGP (${gateway}); azure.centralEgress (${subject.declaredEgress([subnet.id]).key}) declares where it leads`,
      proof,
    )
  );
}
