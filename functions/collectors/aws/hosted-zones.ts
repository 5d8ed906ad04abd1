import {
  ListHostedZonesByVPCCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type VPCRegion,
} from '@aws-sdk/client-route-53';
import { type Collected, collected } from '#domain/collected.ts';
import type { EksEndpoint, EksVpc } from '#domain/evidence/eks-network.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { everyPage, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

interface Zone {
  readonly id: string;
  readonly name: string;
}

const ZONES_AT_ONCE = 5;

/** Private zones of whatever account: one that is named like a service can bring a central endpoint into the VPC. */
export async function readZones(
  VPCId: string,
  region: string,
  endpoints: Collected<readonly EksEndpoint[]>,
  { route53 }: RegionClients,
  reading: Reading,
): Promise<Pick<EksVpc, 'hostedZones' | 'serviceZones'>> {
  const zones: Collected<readonly Zone[]> = await reading.part('route53:ListHostedZonesByVPC', async (abortSignal) => {
    const summaries = await everyPage(async (NextToken) => {
      const answer = await route53.send(
        new ListHostedZonesByVPCCommand({ VPCId, VPCRegion: region as VPCRegion, ...token(NextToken) }),
        { abortSignal },
      );
      return { items: answer.HostedZoneSummaries, token: answer.NextToken };
    });
    return summaries.flatMap(({ HostedZoneId = '', Name }) =>
      Name === undefined ? [] : [{ id: HostedZoneId, name: plainName(Name) }],
    );
  });
  if (zones.state === 'unavailable') return { hostedZones: zones, serviceZones: [] };
  const hostedZones = collected(
    zones.value.map(({ name }) => name),
    zones.source,
  );
  if (!standsIn(endpoints)) return { hostedZones, serviceZones: [] };
  const ofServices = zones.value.filter(({ name }) => `.${name}.`.includes(`.${region}.`));
  const serviceZones = await mapConcurrently(ofServices, ZONES_AT_ONCE, async ({ id, name }) => ({
    name,
    records: await readRecords(id, { route53 }, reading),
  }));
  return { hostedZones, serviceZones: [...serviceZones] };
}

/** Only an endpoint that keeps its private name off leaves the name to a zone. */
function standsIn(endpoints: Collected<readonly EksEndpoint[]>): boolean {
  return (
    endpoints.state === 'collected' &&
    endpoints.value.some(
      ({ type, privateDns }) => type.toLowerCase() === 'interface' && privateDns.state === 'given' && !privateDns.value,
    )
  );
}

function readRecords(
  HostedZoneId: string,
  { route53 }: Pick<RegionClients, 'route53'>,
  reading: Reading,
): Promise<EksVpc['serviceZones'][number]['records']> {
  return reading.part('route53:ListResourceRecordSets', async (abortSignal) => {
    const records = await everyPage(async (next) => {
      const answer = await route53.send(
        new ListResourceRecordSetsCommand({ HostedZoneId, ...(next === undefined ? {} : startOf(next)) }),
        { abortSignal },
      );
      const more = answer.IsTruncated === true;
      return {
        items: answer.ResourceRecordSets,
        token: more ? JSON.stringify([answer.NextRecordName, answer.NextRecordType]) : undefined,
      };
    });
    return records.map(toRecord);
  });
}

/** This list goes on by the name and type of its next record. */
function startOf(next: string) {
  const [StartRecordName, StartRecordType] = JSON.parse(next) as [string, ResourceRecordSet['Type']];
  return { StartRecordName, ...(StartRecordType === undefined ? {} : { StartRecordType }) };
}

function toRecord({ Name = '', Type = 'A', AliasTarget, ResourceRecords = [] }: ResourceRecordSet) {
  const targets = [AliasTarget?.DNSName, ...ResourceRecords.map(({ Value }) => Value)];
  return {
    name: plainName(Name),
    type: Type,
    targets: targets.flatMap((target) => (target === undefined ? [] : [plainName(target)])),
  };
}

/** Without the last dot; Route 53 spells the asterisk of a wildcard as an octal number. */
function plainName(name: string): string {
  return name.replace(/\.$/, '').replaceAll('\\052', '*').toLowerCase();
}
