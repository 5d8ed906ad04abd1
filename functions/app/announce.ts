import { type AlertMessage, type ChangedFinding, type Delivery, digestOf, groupAlerts } from '#domain/alert.ts';
import type { AlertSettings, SlackChannel } from '#domain/alerting.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { compareSeverity } from '#domain/verdict.ts';

export type DispatchMode = 'digest' | 'each';

export interface AlertStore {
  /** The stored change, from history or from the finding itself; undefined when it never was stored. */
  readonly changeOf: (target: string, findingId: string, changeId: string) => Promise<ChangedFinding | undefined>;
  /** Keeps the message under its run; false when it is there already. */
  readonly saveAlert: (message: AlertMessage) => Promise<boolean>;
  readonly alertsOf: (runId: string) => Promise<readonly AlertMessage[]>;
  readonly markPublished: (message: AlertMessage) => Promise<void>;
  readonly isPublished: (message: AlertMessage) => Promise<boolean>;
  /** How the run speaks to the channel: the first word said stands. */
  readonly decideDispatch: (runId: string, channel: string, mode: DispatchMode) => Promise<DispatchMode>;
  readonly dispatchOf: (runId: string, channel: string) => Promise<DispatchMode | undefined>;
  /** Whether the digest of the run has all it will ever have. */
  readonly isSealed: (runId: string, channel: string) => Promise<boolean>;
  readonly seal: (runId: string, channel: string) => Promise<void>;
  readonly isKnownChannel: (channel: string) => Promise<boolean>;
  readonly markKnownChannel: (channel: string) => Promise<void>;
  /** Takes the message for this delivery; false when another delivery of the channel has it. */
  readonly claimForDelivery: (channel: string, messageId: string, deliveryId: string) => Promise<boolean>;
}

export interface AnnouncePorts {
  readonly store: AlertStore;
  readonly settings: AlertSettings;
  /** To the topic: every message, whatever its severity. */
  readonly publish: (message: AlertMessage) => Promise<void>;
  /** Towards Slack. May be repeated: the receiving side delivers each id once. */
  readonly enqueue: (delivery: Delivery) => Promise<void>;
}

/** More messages than this in one run are one digest. */
const MOST_MESSAGES = 20;

/**
 * Tells the changes of one target after its scan has settled.
 *
 * Order: keep the message, publish it, note that it was published. A crash in between publishes again under the same id; the other order would
 * lose it. Slack hears of it when the run is closed (`dispatchRun`), because only then it is known whether the channel gets a digest; for a
 * run that is closed already it is passed on at once.
 */
export async function announceTarget(heartbeat: Heartbeat, ports: AnnouncePorts): Promise<number> {
  const target = heartbeat.report.target.id;
  const changed: ChangedFinding[] = [];
  for (const entry of heartbeat.outbox) {
    const at = entry.indexOf(':');
    const found = await ports.store.changeOf(target, entry.slice(0, at), entry.slice(at + 1));
    if (found !== undefined) changed.push(found);
  }
  const messages = groupAlerts(target, heartbeat.runId, changed);
  for (const message of messages) {
    await ports.store.saveAlert(message);
    if (!(await ports.store.isPublished(message))) {
      await ports.publish(message);
      await ports.store.markPublished(message);
    }
    for (const channel of ports.settings.slack) {
      const decided = await ports.store.dispatchOf(heartbeat.runId, channel.name);
      if (decided !== undefined && hears(channel, message, ports.settings)) await deliverAlone(channel, message, ports);
    }
  }
  return messages.length;
}

/** Passes the messages of a closed run on to every channel that hears them, one by one or as one digest. */
export async function dispatchRun(runId: string, ports: AnnouncePorts): Promise<void> {
  const { store, settings } = ports;
  for (const channel of settings.slack) {
    const heard = (await store.alertsOf(runId)).filter((message) => hears(channel, message, settings));
    const first = !(await store.isKnownChannel(channel.name));
    const many = heard.length > MOST_MESSAGES;
    const wanted = settings.firstScan === 'digest' && heard.length > 0 && (first || many) ? 'digest' : 'each';
    const mode = await store.decideDispatch(runId, channel.name, wanted);
    // Whatever was stored between the two reads is either in this list or sees the decision.
    const messages = (await store.alertsOf(runId)).filter((message) => hears(channel, message, settings));
    if (mode === 'each') for (const message of messages) await deliverAlone(channel, message, ports);
    else await deliverDigest(channel, runId, messages, ports);
    await store.markKnownChannel(channel.name);
  }
}

/** False when the message belongs to a digest. */
async function deliverAlone(channel: SlackChannel, alert: AlertMessage, ports: AnnouncePorts): Promise<boolean> {
  if (!(await ports.store.claimForDelivery(channel.name, alert.id, alert.id))) return false;
  await ports.enqueue({ channel: channel.name, id: alert.id, kind: 'alert', alert });
  return true;
}

/**
 * Messages are taken for the digest until it is sealed, and it is sealed before it is sent: whoever comes again builds the same digest, and a
 * message that was kept later is told alone. Taking a message for a digest that was sent already would lose it.
 */
async function deliverDigest(
  channel: SlackChannel,
  runId: string,
  heard: readonly AlertMessage[],
  ports: AnnouncePorts,
): Promise<void> {
  const { store } = ports;
  const id = `digest.${runId}`;
  if (!(await store.isSealed(runId, channel.name))) {
    for (const message of heard) await store.claimForDelivery(channel.name, message.id, id);
    await store.seal(runId, channel.name);
  }
  const mine: AlertMessage[] = [];
  for (const message of heard) if (!(await deliverAlone(channel, message, ports))) mine.push(message);
  if (mine.length > 0)
    await ports.enqueue({ channel: channel.name, id, kind: 'digest', digest: digestOf(runId, mine) });
}

/** Whether the channel wants to hear of the message. */
export function hears(channel: SlackChannel, { resource, severity }: AlertMessage, settings: AlertSettings): boolean {
  const minimum = channel.minimumSeverity ?? settings.minimumSeverity;
  return (
    compareSeverity(severity, minimum) <= 0 &&
    (channel.providers === undefined || channel.providers.includes(resource.provider)) &&
    (channel.accounts === undefined || channel.accounts.includes(resource.account))
  );
}
