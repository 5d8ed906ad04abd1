import type { EksEndpoint, EksVpc } from '#domain/evidence/eks-network.ts';
import { forwardsPast } from './central-dns.ts';
import { switchOnPrivateDns, zoneRecord } from './endpoint-fix.ts';
import { defect, type EndpointContext, type Usability, unknownUse } from './endpoint-use.ts';
import { vpcDnsFix } from './fix.ts';
import { decidesAbout, hostsOf, isCalledBelow } from './services.ts';

/** Whether the name that clients call leads to the endpoint: by its private DNS, or by a private zone of the VPC that stands in for it. */
export function privateNames(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, privateDns } = endpoint;
  const { vpc, service, evidence } = context;
  for (const [name, attribute] of [
    ['DNS support', vpc.dnsSupport],
    ['DNS hostnames', vpc.dnsHostnames],
  ] as const) {
    if (attribute.state === 'unavailable') return unknownUse(attribute.reason, `${vpc.id}: ${attribute.message}`);
    if (attribute.value.state !== 'given') return unknownUse('absent-field', `${vpc.id}: ${name} is not reported`);
    if (!attribute.value.value)
      return defect(
        'private-dns-off',
        `${name} of ${vpc.id} is off, so the private name of ${id} does not resolve`,
        vpcDnsFix(vpc.id, name === 'DNS support' ? 'enable-dns-support' : 'enable-dns-hostnames', evidence),
      );
  }
  if (privateDns.state !== 'given')
    return unknownUse(
      privateDns.state === 'absent' ? 'absent-field' : 'malformed-answer',
      `${id} does not report its private DNS setting`,
    );
  const hosts = hostsOf(service, evidence);
  return (privateDns.value ? undefined : byZone(endpoint, hosts, context)) ?? passedBy(endpoint, hosts, context);
}

function passedBy({ id }: EksEndpoint, hosts: readonly string[], { vpc }: EndpointContext): Usability | undefined {
  const forwarded = forwardsPast(vpc, hosts);
  if (forwarded === undefined) return undefined;
  return forwarded.kind === 'unread'
    ? unknownUse(
        forwarded.part.reason,
        `whether ${forwarded.what} leads past the private name of ${id} is not known: ${forwarded.part.message}`,
      )
    : unknownUse('undecidable', `${forwarded.line} past the private name of ${id}`);
}

/**
 * AWS refuses to switch private DNS on while a private zone of the same name is associated with the VPC, so that the zone has to lead to the endpoint. It stands
 * in for every service alike. Source: VPC user guide, private DNS for interface endpoints; Route 53 developer guide, wildcards and private hosted zones.
 */
function byZone(endpoint: EksEndpoint, hosts: readonly string[], context: EndpointContext): Usability | undefined {
  const { id } = endpoint;
  const { vpc } = context;
  if (vpc.hostedZones.state === 'unavailable')
    return unknownUse(
      vpc.hostedZones.reason,
      `private DNS of ${id} is off, and the private zones are not known: ${vpc.hostedZones.message}`,
    );
  const named = vpc.hostedZones.value.filter((zone) => hosts.some((host) => decidesAbout(zone, host)));
  if (named.length === 0)
    return defect('private-dns-off', `private DNS of ${id} is off`, switchOnPrivateDns(endpoint, context));
  const zones = named.map((name) => ({ name, zone: vpc.serviceZones.find((entry) => entry.name === name) }));
  const unread = zones.find(({ zone }) => zone?.records.state !== 'collected');
  if (unread !== undefined) {
    const { records } = unread.zone ?? {};
    const [reason, why] =
      records?.state === 'unavailable'
        ? ([records.reason, `its records are not known: ${records.message}`] as const)
        : (['undecidable', 'its records were not read'] as const);
    return unknownUse(reason, `private DNS of ${id} is off, and a private zone ${unread.name} stands in; ${why}`);
  }
  const targets = zones.flatMap(({ zone }) => targetsFor(hosts, zone, context.service));
  const [first] = targets;
  if (first === undefined)
    return defect(
      'private-dns-off',
      `private DNS of ${id} is off, and the private zone ${named.join(', ')} that stands in has no record for ${hosts.join(' or ')}`,
      zoneRecord(endpoint, named[0] ?? '', hosts[0] ?? '', context),
    );
  if (targets.some((target) => leadsTo(target, endpoint))) return undefined;
  return unknownUse(
    'undecidable',
    `private DNS of ${id} is off, and the private zone ${named.join(', ')} that stands in leads to ${first}`,
  );
}

function leadsTo(target: string, { id, dnsNames }: EksEndpoint): boolean {
  return target.startsWith(`${id}-`) || target.startsWith(`${id}.`) || dnsNames.includes(target);
}

/** The targets of the records that answer the names. A wildcard answers below its own name only. */
function targetsFor(
  hosts: readonly string[],
  zone: EksVpc['serviceZones'][number] | undefined,
  service: string,
): readonly string[] {
  if (zone?.records.state !== 'collected') return [];
  const records = zone.records.value.filter(({ type }) => ['A', 'AAAA', 'CNAME'].includes(type));
  return records
    .filter(({ name }) => hosts.some((host) => answers(name, isCalledBelow(service) ? `any.${host}` : host)))
    .flatMap(({ targets }) => targets);
}

function answers(record: string, host: string): boolean {
  return record === host || (record.startsWith('*.') && host.endsWith(record.slice(1)));
}
