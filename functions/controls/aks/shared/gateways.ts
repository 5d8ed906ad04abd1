import type { Source } from '#domain/collected.ts';
import type { AksApplicationGateway, AksGatewayInFront } from '#domain/evidence/aks-inbound.ts';
import { parseRange } from '#domain/net/cidr.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { fact, had, judgedEach, type ReadCluster, required, short, sourceOf } from './cluster.ts';
import { lookFirst, repairs, scopeArguments } from './fix.ts';
import { type Holder, heldInside, isReached } from './inside.ts';

/**
 * A gateway that leads into the cluster. A gateway of version 2 usually has to own a public frontend: only what listens on it counts. Where the
 * answer shows no listener of the gateway at all, a public frontend counts as one that listens.
 */
export function judgeGateway(
  gateway: AksApplicationGateway,
  acceptsFirewall: boolean,
  source: Source,
  what: string,
  more: readonly Proof[],
): Verdict {
  const open = gateway.frontends.filter(({ isPublic }) => isPublic);
  const listening = open.filter((frontend) => listensOn(frontend, gateway));
  const shown = open.map((frontend) => `${frontend.name} (${listenersOf(frontend)})`).join(', ') || 'none';
  const proof = [
    fact(
      `${gateway.frontends.length} frontends, public: ${shown}; web application firewall: ${gateway.firewall ? 'yes' : 'no'}`,
      'applicationGateways.properties.frontendIPConfigurations',
      listening.map(({ name }) => name),
      source,
    ),
    ...more,
  ];
  if (open.length === 0) return pass(`${what} has private frontends only`, proof);
  if (listening.length === 0) return pass(`nothing listens on the public frontends of ${what}`, proof);
  if (gateway.firewall && acceptsFirewall)
    return pass(
      `${what} is public, behind a web application firewall, which the configuration accepts`,
      [...proof, { kind: 'declared', line: 'acceptWebApplicationFirewall: true' }],
      'declared',
    );
  return fail(
    'application-gateway-public',
    `${what} has public frontends (${listening.map(({ name }) => name).join(', ')})`,
    proof,
    // Other applications may come in by the same frontend.
    repairs([
      lookFirst(
        `az network application-gateway http-listener list ${scopeArguments(gateway.id)} --gateway-name ${shellQuote(short(gateway.id))}`,
        "Find out which listeners are the cluster's own, and move those to a private frontend.",
      ),
    ]),
  );
}

type Frontend = AksApplicationGateway['frontends'][number];

function listensOn({ name, listeners }: Frontend, gateway: AksApplicationGateway): boolean {
  return (
    listeners.kind === 'not-shown' ||
    required(listeners.names, `listeners of ${name} of ${short(gateway.id)}`).length > 0
  );
}

function listenersOf({ listeners }: Frontend): string {
  if (listeners.kind === 'not-shown') return 'listeners not shown';
  const names = listeners.names.state === 'given' ? listeners.names.value : [];
  return names.length === 0 ? 'nothing listens' : `listeners ${names.join(', ')}`;
}

/** Gateways that the cluster does not name, by what stands behind them. */
export function judgeGatewaysInFront(subject: ReadCluster, acceptsFirewall: boolean): readonly Verdict[] {
  const part = subject.evidence.gateways;
  const source = sourceOf(part, subject.source);
  return judgedEach(() =>
    had(part).flatMap((entry) => judgedEach(() => judgeInFront(subject, entry, acceptsFirewall, source))),
  );
}

function judgeInFront(
  subject: ReadCluster,
  { gateway, connection, backends }: AksGatewayInFront,
  acceptsFirewall: boolean,
  source: Source,
): readonly Verdict[] {
  const open = gateway.frontends.filter(({ isPublic }) => isPublic);
  if (!open.some((frontend) => listensOn(frontend, gateway))) return [];
  const name = short(gateway.id);
  const behind = required(backends, `backendAddressPools of ${name}`);
  const held = behind.flatMap((backend): readonly (Holder & { readonly backend: string })[] => {
    const holder = heldInside(subject, backend);
    return holder === undefined ? [] : [{ ...holder, backend }];
  });
  const proof = held.map(({ backend, what }) =>
    fact(`${name} sends to ${backend}: ${what}`, 'applicationGateways.properties.backendAddressPools', backend, source),
  );
  const reached = held.filter((holder) => holder.backend.startsWith('/') || isReached(connection, holder));
  const what = `the Application Gateway ${name} in front of ${[...new Set((reached.length > 0 ? reached : held).map((holder) => holder.what))].join(', ')}`;
  if (reached.length > 0) return [judgeGateway(gateway, acceptsFirewall, source, what, proof)];
  if (held.length > 0)
    return [
      unknown(
        'undecidable',
        `${what}: whether the addresses are those of this cluster's network cannot be seen`,
        proof,
      ),
    ];
  const names = behind.filter((backend) => parseRange(backend) === undefined && !isPublicService(backend));
  if (connection !== 'same-network' || names.length === 0) return [];
  return [
    unknown(
      'undecidable',
      `the public Application Gateway ${name} in the network of the nodes sends to ${names.join(', ')}: whether these names lead into the cluster cannot be seen`,
      [
        fact(
          `${name} sends to ${names.join(', ')}`,
          'applicationGateways.properties.backendAddressPools',
          names,
          source,
        ),
      ],
    ),
  ];
}

/** Names of services that Microsoft runs, and ids of interfaces elsewhere: nothing of the cluster. */
function isPublicService(backend: string): boolean {
  return (
    backend.startsWith('/') || /\.(?:azurewebsites\.net|azure-api\.net|azurefd\.net|core\.windows\.net)$/.test(backend)
  );
}
