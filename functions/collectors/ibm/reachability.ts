import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as v from 'valibot';
import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import type { ListedCluster } from './clusters.ts';
import type { IbmOptions } from './options.ts';

export type Dial = (url: string, signal: AbortSignal) => Promise<'connected' | 'refused' | 'silent'>;
type Configured = Extract<IksEvidence['reachability'], { state: 'configured' }>;

const ProbeResult = v.object({
  cluster: v.string(),
  connected: v.boolean(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** What it tried. Results of earlier probes lack it. */
  address: v.optional(v.string()),
});
/** A probe that has not reported for a day says nothing of today. */
const PROBE_FRESH_MS = 24 * 3_600_000;

/** Opt-in: a connection to a customer's master is traffic of ours. */
export async function readReachability(
  { id, name }: ListedCluster,
  cluster: Collected<IksCluster>,
  { probes }: IbmOptions,
  dial: Dial,
  signal: AbortSignal,
  at: string,
): Promise<IksEvidence['reachability']> {
  const probe = probes.find((entry) => entry.cluster === id) ?? probes.find((entry) => entry.cluster === name);
  if (probe === undefined) return { state: 'not-configured' };
  return {
    state: 'configured',
    inside: readProbe(probe.result, id, at),
    outside: await readOutside(cluster, dial, signal, at),
  };
}

function readProbe(result: string, id: string, at: string): Configured['inside'] {
  const api = 'probe';
  let body: unknown;
  try {
    // A probe that runs again and again may append: its last line counts.
    body = JSON.parse(result.trim().split('\n').at(-1) ?? '') as unknown;
  } catch {
    return unavailable('malformed-answer', 'the probe result is not JSON', api);
  }
  const parsed = v.safeParse(ProbeResult, body);
  if (!parsed.success) return unavailable('malformed-answer', 'the probe result lacks cluster, connected or at', api);
  const { cluster, connected, at: then, address } = parsed.output;
  // Names repeat from account to account; the id is what the probe was started with.
  if (cluster !== id)
    return unavailable(
      'conflicting-fields',
      `the probe result is about ${cluster}, and the cluster's id is ${id}`,
      api,
    );
  const age = Date.parse(at) - Date.parse(then);
  return collected(
    {
      connected,
      at: then,
      fresh: age >= 0 && age <= PROBE_FRESH_MS,
      address: address === undefined ? { told: 'no' } : { told: 'yes', url: address },
    },
    { api, at: then },
  );
}

/** Every address that the record names is tried, the private ones too: none of them may answer from here. */
async function readOutside(
  cluster: Collected<IksCluster>,
  dial: Dial,
  signal: AbortSignal,
  at: string,
): Promise<Configured['outside']> {
  if (cluster.state === 'unavailable') return cluster;
  const { nestedPublicUrl, flatPublicUrl, nestedPrivateUrl, flatPrivateUrl, masterUrl, serverUrl } = cluster.value;
  const urls = [nestedPublicUrl, flatPublicUrl, nestedPrivateUrl, flatPrivateUrl, masterUrl, serverUrl].flatMap(
    (field) => (field.state === 'given' && URL.canParse(field.value) ? [field.value] : []),
  );
  if (urls.length === 0) return unavailable('absent-field', 'the cluster names no address to try', 'probe');
  const outcomes = await Promise.all([...new Set(urls)].map((url) => dial(url, signal)));
  const outcome = outcomes.includes('connected')
    ? 'connected'
    : outcomes.every((found) => found === 'refused')
      ? 'refused'
      : 'silent';
  return collected(outcome, { api: 'probe', at });
}

const DIAL_MS = 5_000;

/** A completed TLS handshake is a connection; whose certificate it is does not matter here, and nothing is sent. */
export function dialHost(address: string, signal: AbortSignal): Promise<'connected' | 'refused' | 'silent'> {
  const url = URL.parse(address);
  if (url === null) return Promise.resolve('silent');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 443);
  const secure = url.protocol === 'https:';
  return new Promise((resolve) => {
    const socket = secure
      ? connectTls({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectTcp({ host, port });
    const end = (outcome: 'connected' | 'refused' | 'silent') => {
      signal.removeEventListener('abort', late);
      socket.destroy();
      resolve(outcome);
    };
    const late = () => end('silent');
    socket.setTimeout(DIAL_MS, late);
    socket.once(secure ? 'secureConnect' : 'connect', () => end('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    signal.addEventListener('abort', late, { once: true });
  });
}
