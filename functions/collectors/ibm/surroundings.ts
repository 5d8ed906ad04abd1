import * as v from 'valibot';
import { fieldOf } from '#domain/collected.ts';
import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { ListedCluster } from './clusters.ts';
import type { IbmReading } from './read.ts';
import { asRecord, byId, recordsOf } from './shape.ts';

/** What stands around one cluster: its workers and their subnets, its load balancers, its audit webhook. */

const text = v.string();
const flag = v.boolean();

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
        recordsOf(await reading.get(`${reading.endpoints.containers}/${path}`), 'workers').map((worker) => ({
          id: String(worker['id'] ?? worker['workerID'] ?? ''),
          publicAddress: fieldOf(text, worker['publicIP']),
          publicVlan: fieldOf(text, worker['publicVlan']),
          privateVlan: fieldOf(text, worker['privateVlan']),
          zone: fieldOf(text, worker['location'] ?? worker['zone']),
          ...(list === 'vpc' ? interfacesOf(worker) : { subnetIds: [], addresses: [], addressesTold: false }),
        })),
      ),
    { resource: uid },
  );
}

/** Every interface counts: one whose subnet is not told could be the one with the way out. */
function interfacesOf(worker: Readonly<Record<string, unknown>>) {
  const interfaces = recordsOf(worker['networkInterfaces'] ?? [], 'network interfaces');
  const addresses = interfaces.flatMap(({ ipAddress }) =>
    typeof ipAddress === 'string' && ipAddress !== '' ? [ipAddress] : [],
  );
  return {
    subnetIds: interfaces.map(({ subnetID }) => {
      if (typeof subnetID !== 'string' || subnetID === '')
        throw new Refusal('malformed-answer', 'a network interface of a worker names no subnet');
      return subnetID;
    }),
    addresses,
    addressesTold: interfaces.length > 0 && addresses.length === interfaces.length,
  };
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
        recordsOf(asRecord(await body())?.['alb'], 'application load balancers').map((alb) => ({
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
      if (typeof server !== 'string') throw new Refusal('malformed-answer', 'auditServer is not text');
      return server.trim() === '' ? { webhook: 'none' } : { webhook: 'set', server };
    },
    { resource: uid, expected: ({ reason }) => (reason === 'not-found' ? { webhook: 'none' } : undefined) },
  );
}
