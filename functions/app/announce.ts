import { type AlertMessage, type ChangedFinding, type Delivery, digestOf, groupAlerts } from '#domain/alert.ts';
import type { AlertSettings, SlackChannel } from '#domain/alerting.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { compareSeverity } from '#domain/verdict.ts';

export type DispatchMode = 'digest' | 'each';

export interface AlertStore {
  /** The stored change, from history or from the finding itself; undefined when it never was stored. */
  readonly changeOf: (target: string, findingId: string, changeId: string) => Promise<ChangedFinding | undefined>;
  /** Keeps the message under its run; one that is there already stays as it is. */
  readonly saveAlert: (message: AlertMessage) => Promise<void>;
  readonly alertsOf: (runId: string) => Promise<readonly AlertMessage[]>;
  /** published: done before. busy: somebody else is at it. mine: ours until the lease ends. */
  readonly claimPublication: (message: AlertMessage) => Promise<'published' | 'busy' | 'mine'>;
  readonly releasePublication: (message: AlertMessage) => Promise<void>;
  readonly markPublished: (message: AlertMessage) => Promise<void>;
  /** Notes that everything up to this heartbeat of the target was announced. */
  readonly markAnnounced: (heartbeat: Heartbeat) => Promise<void>;
  /** How the run speaks to the channel: the first word said stands. */
  readonly decideDispatch: (runId: string, channel: string, mode: DispatchMode) => Promise<DispatchMode>;
  readonly dispatchOf: (runId: string, channel: string) => Promise<DispatchMode | undefined>;
  /** Fixes which messages the run's digest holds, for good: gives back the first list that was given. */
  readonly sealDigest: (runId: string, channel: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Undefined: not sealed yet. */
  readonly digestMembers: (runId: string, channel: string) => Promise<ReadonlySet<string> | undefined>;
  readonly isKnownChannel: (channel: string) => Promise<boolean>;
  readonly markKnownChannel: (channel: string) => Promise<void>;
}

export interface AnnouncePorts {
  readonly store: AlertStore;
  readonly settings: AlertSettings;
  /** To the topic: every message, whatever its severity. */
  readonly publish: (message: AlertMessage) => Promise<void>;
  /** Towards Slack. May be repeated: the receiving side delivers each id once. */
  readonly enqueue: (delivery: Delivery) => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** More messages than this in one run are one digest. */
const MOST_MESSAGES = 20;
const AT_ONCE = 10;

/**
 * Announces the changes of one target after its scan has settled.
 *
 * Order: keep the message, publish it, note that it was published. A crash in between publishes again under the same id; the other order would
 * lose it. Slack gets it when the run is closed (`dispatchRun`), because only then it is known whether the channel gets a digest; for a
 * run that is closed already it is passed on at once.
 */
export async function announceTarget(heartbeat: Heartbeat, ports: AnnouncePorts): Promise<void> {
  const { store } = ports;
  const target = heartbeat.report.target.id;
  const found = await mapConcurrently(heartbeat.outbox, AT_ONCE, (entry) => {
    const at = entry.indexOf(':');
    return store.changeOf(target, entry.slice(0, at), entry.slice(at + 1));
  });
  const changed = found.filter((entry) => entry !== undefined);
  const messages = groupAlerts(target, heartbeat.runId, changed);
  await mapConcurrently(messages, AT_ONCE, async (message) => {
    await store.saveAlert(message);
    await publishOnce(message, ports);
  });
  if (messages.length > 0) await passOn(heartbeat.runId, messages, ports);
  await store.markAnnounced(heartbeat);
}

/** Whoever meets a publication under way waits for its end: to go on would be to note as published what may still fail. */
async function publishOnce(message: AlertMessage, { store, publish, sleep }: AnnouncePorts): Promise<void> {
  for (;;) {
    const claim = await store.claimPublication(message);
    if (claim === 'published') return;
    if (claim === 'mine') break;
    await sleep(1_000);
  }
  try {
    await publish(message);
  } catch (error) {
    await store.releasePublication(message);
    throw error;
  }
  await store.markPublished(message);
}

/** One of the two things that a channel gets of a run: what the clusters changed, and what the rules changed. */
interface Outlet {
  readonly channel: SlackChannel;
  readonly carriesRules: boolean;
  /** Under which the run's decision is kept. */
  readonly key: string;
}

function outletsOf({ slack }: AlertSettings): readonly Outlet[] {
  return slack.flatMap((channel) => [
    { channel, carriesRules: false, key: channel.name },
    { channel, carriesRules: true, key: `${channel.name}#rules` },
  ]);
}

function messagesFor(
  { channel, carriesRules }: Outlet,
  messages: readonly AlertMessage[],
  settings: AlertSettings,
): readonly AlertMessage[] {
  return messages.filter(
    (message) => (message.rules !== undefined) === carriesRules && isSubscribed(channel, message, settings),
  );
}

/**
 * To channels that this run was dispatched to already. The messages were kept before this looks, and whoever closes the run looks for messages
 * after it has decided and sealed: one of the two sees the other, and both may, because a delivery is posted once per id.
 */
async function passOn(runId: string, messages: readonly AlertMessage[], ports: AnnouncePorts): Promise<void> {
  const { store, settings } = ports;
  for (const outlet of outletsOf(settings)) {
    const subscribed = messagesFor(outlet, messages, settings);
    if (subscribed.length === 0) continue;
    const mode = await store.dispatchOf(runId, outlet.key);
    if (mode === undefined) continue;
    const members = mode === 'each' ? new Set<string>() : await store.digestMembers(runId, outlet.key);
    if (members === undefined) continue;
    await sendSingly(
      outlet,
      subscribed.filter(({ id }) => !members.has(id)),
      ports,
    );
  }
}

/**
 * Passes the messages of a closed run on to every channel that is subscribed to them, one by one or as one digest. What the rules changed is
 * always a digest of its own.
 *
 * What a digest holds is sealed before it is sent: whoever comes again builds the same one, and a message that was kept later is announced alone.
 */
export async function dispatchRun(runId: string, ports: AnnouncePorts): Promise<void> {
  const { store, settings } = ports;
  const kept = await store.alertsOf(runId);
  const digests: Outlet[] = [];
  const singles: Outlet[] = [];
  for (const outlet of outletsOf(settings)) {
    const wanted = await wantedMode(outlet, messagesFor(outlet, kept, settings).length, ports);
    const mode = await store.decideDispatch(runId, outlet.key, wanted);
    (mode === 'digest' ? digests : singles).push(outlet);
  }
  const decided = await store.alertsOf(runId);
  for (const outlet of singles) await sendSingly(outlet, messagesFor(outlet, decided, settings), ports);
  if (digests.length > 0) {
    const members = new Map<string, ReadonlySet<string>>();
    for (const outlet of digests) {
      const ids = messagesFor(outlet, decided, settings).map(({ id }) => id);
      members.set(outlet.key, await store.sealDigest(runId, outlet.key, ids));
    }
    const sealed = await store.alertsOf(runId);
    for (const outlet of digests)
      await sendDigest(
        outlet,
        runId,
        messagesFor(outlet, sealed, settings),
        members.get(outlet.key) ?? new Set(),
        ports,
      );
  }
  for (const { name } of settings.slack) await store.markKnownChannel(name);
}

async function wantedMode(
  { channel, carriesRules }: Outlet,
  subscribed: number,
  { store, settings }: AnnouncePorts,
): Promise<DispatchMode> {
  if (carriesRules) return 'digest';
  if (settings.firstScan === 'each' || subscribed === 0) return 'each';
  return subscribed > MOST_MESSAGES || !(await store.isKnownChannel(channel.name)) ? 'digest' : 'each';
}

async function sendDigest(
  outlet: Outlet,
  runId: string,
  messages: readonly AlertMessage[],
  members: ReadonlySet<string>,
  ports: AnnouncePorts,
): Promise<void> {
  const mine = messages.filter(({ id }) => members.has(id));
  if (mine.length > 0) {
    const id = `${outlet.carriesRules ? 'rules' : 'digest'}.${runId}`;
    await ports.enqueue({ channel: outlet.channel.name, id, kind: 'digest', digest: digestOf(runId, mine) });
  }
  await sendSingly(
    outlet,
    messages.filter(({ id }) => !members.has(id)),
    ports,
  );
}

async function sendSingly(
  { channel, carriesRules }: Outlet,
  messages: readonly AlertMessage[],
  { enqueue }: AnnouncePorts,
): Promise<void> {
  await mapConcurrently(messages, AT_ONCE, (alert) =>
    enqueue({
      channel: channel.name,
      id: alert.id,
      ...(carriesRules ? { kind: 'digest', digest: digestOf(alert.runId, [alert]) } : { kind: 'alert', alert }),
    }),
  );
}

/** Whether the channel wants the message. */
export function isSubscribed(
  channel: SlackChannel,
  { resource, severity }: AlertMessage,
  settings: AlertSettings,
): boolean {
  const minimum = channel.minimumSeverity ?? settings.minimumSeverity;
  return (
    compareSeverity(severity, minimum) <= 0 &&
    (channel.providers === undefined || channel.providers.includes(resource.provider)) &&
    (channel.accounts === undefined || channel.accounts.includes(resource.account))
  );
}
