import type { Unavailable } from '#domain/collected.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import type { Proof } from '#domain/verdict.ts';
import { namesIn } from './services.ts';

/** What in the VPC's name resolution may lead a service's name to an endpoint elsewhere. */
export type CentralName =
  | { readonly kind: 'unread'; readonly part: Unavailable; readonly what: string }
  | { readonly kind: 'named'; readonly line: string };

/** Undefined: everything was read, and nothing does. Source: Route 53 developer guide, private zones, Profiles, Resolver rules. */
export function centralNameOf(
  { hostedZones, profiles, forwardedDomains }: EksVpc,
  hosts: readonly string[],
): CentralName | undefined {
  if (hostedZones.state === 'unavailable') return { kind: 'unread', part: hostedZones, what: 'a private zone' };
  const zone = namesIn(hostedZones.value, hosts);
  if (zone !== undefined) return { kind: 'named', line: `the private zone ${zone} may point elsewhere` };
  if (profiles.state === 'unavailable') return { kind: 'unread', part: profiles, what: 'a Route 53 Profile' };
  if (profiles.value.length > 0)
    return { kind: 'named', line: `the Route 53 Profile ${profiles.value.join(', ')} may bring a central one` };
  if (forwardedDomains.state === 'unavailable')
    return { kind: 'unread', part: forwardedDomains, what: 'a forwarding rule' };
  const domain = namesIn(forwardedDomains.value, hosts);
  return domain === undefined
    ? undefined
    : { kind: 'named', line: `a resolver rule forwards ${domain === '' ? 'every name' : domain}` };
}

/** A rule of the very name, or of one below it, comes before the private name of an endpoint. */
export function forwardsPast({ forwardedDomains }: EksVpc, hosts: readonly string[]): CentralName | undefined {
  if (forwardedDomains.state === 'unavailable')
    return { kind: 'unread', part: forwardedDomains, what: 'a forwarding rule' };
  const domain = forwardedDomains.value.find((name) =>
    hosts.some((host) => name === host || name.endsWith(`.${host}`)),
  );
  return domain === undefined ? undefined : { kind: 'named', line: `a resolver rule forwards ${domain}` };
}

/** A line for each place that was looked into. */
export function centralDnsProof({ id, hostedZones, profiles, forwardedDomains }: EksVpc): readonly Proof[] {
  return (
    [
      ['private zones', hostedZones],
      ['Route 53 Profiles', profiles],
      ['forwarded domains', forwardedDomains],
    ] as const
  ).map(([name, part]): Proof => {
    const value = part.state === 'collected' ? part.value : null;
    const shown = part.state === 'unavailable' ? `not read: ${part.message}` : part.value.join(', ') || 'none';
    return {
      kind: 'fact',
      line: `${id} ${name}: ${shown}`,
      field: `${id}.${name}`,
      value,
      ...(part.state === 'collected' ? { source: part.source } : {}),
    };
  });
}
