import * as v from 'valibot';
import { type Collected, collected, fieldOf } from '#domain/collected.ts';
import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { ListedCluster } from './clusters.ts';
import type { IbmReading } from './read.ts';
import { asRecord, byId } from './shape.ts';

/** What stands around one cluster: its workers and their subnets, its load balancers, its audit webhook. */

const text = v.string();
const flag = v.boolean();

function listOf(body: unknown, what: string): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(body)) throw new Refusal('malformed-answer', `expected a list of ${what}`);
  return body.map((entry: unknown) => {
    const record = asRecord(entry);
    if (record === undefined) throw new Refusal('malformed-answer', `a broken entry in the list of ${what}`);
    return record;
  });
}

export function getWorkers(
  { id, list }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['workers']> {
  const query = encodeURIComponent(id);
  const path = list === 'vpc' ? `v2/vpc/getWorkers?cluster=${query}` : `v1/clusters/${query}/workers`;
  return reading.part(
    'containers:getWorkers',
    async () =>
      byId(
        listOf(await reading.get(`${reading.endpoints.containers}/${path}`), 'workers').map((worker) => ({
          id: String(worker['id'] ?? worker['workerID'] ?? ''),
          publicAddress: fieldOf(text, worker['publicIP']),
          publicVlan: fieldOf(text, worker['publicVlan']),
          subnetIds: list === 'vpc' ? subnetsOf(worker) : [],
        })),
      ),
    { resource: uid },
  );
}

/** Every interface counts: one whose subnet is not told could be the one with the way out. */
function subnetsOf(worker: Readonly<Record<string, unknown>>): string[] {
  return listOf(worker['networkInterfaces'] ?? [], 'network interfaces').map(({ subnetID }) => {
    if (typeof subnetID !== 'string' || subnetID === '')
      throw new Refusal('malformed-answer', 'a network interface of a worker names no subnet');
    return subnetID;
  });
}

export function getLoadBalancers(
  { id, list }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['loadBalancers']> {
  const query = encodeURIComponent(id);
  const v2 = `v2/alb/getClusterAlbs?cluster=${query}`;
  const ask = (path: string) => reading.get(`${reading.endpoints.containers}/${path}`);
  // Which of the two paths serves classic clusters is documented nowhere: the second is tried where the first is not there.
  const body = async () => {
    try {
      return await ask(list === 'vpc' ? v2 : `v1/alb/clusters/${query}`);
    } catch (error) {
      if (list === 'vpc' || !(error instanceof Refusal) || error.reason !== 'not-found') throw error;
      return ask(v2);
    }
  };
  return reading.part(
    'containers:getAlbs',
    async () => {
      return byId(
        listOf(asRecord(await body())?.['alb'], 'application load balancers').map((alb) => ({
          id: String(alb['albID'] ?? ''),
          type: fieldOf(text, alb['albType']),
          enabled: fieldOf(flag, alb['enable']),
        })),
      );
    },
    { resource: uid },
  );
}

/** Takes the server and nothing else: the same answer holds a client key. Unset may be 404 or an empty object; both are believed, because the cluster itself was read. */
export function getAuditWebhook(
  { id }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['auditWebhook']> {
  return reading.part<{ webhook: 'none' } | { webhook: 'set'; server: string }>(
    'containers:getAuditWebhook',
    async () => {
      const body = await reading.get(
        `${reading.endpoints.containers}/v1/clusters/${encodeURIComponent(id)}/apiserverconfigs/auditwebhook`,
      );
      const webhook = asRecord(body);
      if (webhook === undefined) throw new Refusal('malformed-answer', 'expected the webhook');
      const server = webhook['auditServer'] ?? '';
      if (typeof server !== 'string') throw new Refusal('malformed-answer', 'auditServer is no text');
      return server.trim() === '' ? { webhook: 'none' } : { webhook: 'set', server };
    },
    { resource: uid, expected: ({ reason }) => (reason === 'not-found' ? { webhook: 'none' } : undefined) },
  );
}

type Gateway = Extract<IksEvidence['subnets'], { state: 'collected' }>['value'][number]['gateway'];

/** The public gateway of each worker subnet. One that cannot be read stays unread beside the others: a gateway that was seen still counts. */
export async function getSubnets(
  workers: IksEvidence['workers'],
  region: string,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['subnets']> {
  if (workers.state === 'unavailable') return workers;
  const ids = [...new Set(workers.value.flatMap(({ subnetIds }) => subnetIds))].sort();
  const parts = await Promise.all(
    ids.map((id) =>
      reading.part<Gateway>('vpc:getSubnet', () => readGateway(id, region, reading), {
        resource: uid,
        // The VPC API wants access of its own; without it the way out of the workers is not scanned, and nothing else suffers.
        withoutGap: ({ reason }) => (reason === 'denied' || reason === 'credentials' ? undefined : 'not-scanned'),
      }),
    ),
  );
  const source = parts.find((part) => part.state === 'collected')?.source ?? workers.source;
  return collected(
    ids.map((id, index) => ({ id, gateway: gatewayOf(parts[index]) })),
    source,
  );
}

function gatewayOf(part: Collected<Gateway> | undefined): Gateway {
  if (part?.state === 'collected') return part.value;
  const { reason, message } = part ?? { reason: 'not-scanned', message: 'the subnet was not asked for' };
  return { attached: 'unread', reason, message };
}

async function readGateway(id: string, region: string, reading: IbmReading): Promise<Gateway> {
  const url = `${vpcOf(reading.endpoints.vpc, region)}/v1/subnets/${encodeURIComponent(id)}?version=${VPC_API_VERSION}&generation=2`;
  const subnet = asRecord(await reading.get(url));
  if (subnet?.['id'] !== id) throw new Refusal('malformed-answer', `expected the subnet ${id}`);
  const gateway = subnet['public_gateway'] ?? undefined;
  return gateway === undefined
    ? { attached: 'no' }
    : { attached: 'yes', id: String(asRecord(gateway)?.['id'] ?? 'unnamed') };
}

/** The region is the service's answer and becomes part of a host name: only a plain label may, or the token would go wherever the answer says. */
function vpcOf(endpoint: string, region: string): string {
  if (endpoint.includes('{region}') && !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region))
    throw new Refusal('malformed-answer', `the cluster's region ${JSON.stringify(region.slice(0, 40))} is none`);
  return endpoint.replace('{region}', region);
}

/** The VPC API wants the date of the description that the caller was written against. */
const VPC_API_VERSION = '2026-10-01';
