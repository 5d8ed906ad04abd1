import type { Delivery } from '#domain/alert.ts';
import type { SlackChannel } from '#domain/alerting.ts';

/** What came of one post. `retryAfterSeconds` is the receiver's own wish, where it said one. */
export type PostResult =
  | { readonly state: 'accepted' }
  | { readonly state: 'refused'; readonly detail: string; readonly retryAfterSeconds?: number };

export interface DeliveryStore {
  /** sent: posted before. busy: somebody else is posting. mine: ours until the lease ends. */
  readonly lease: (channel: string, id: string, now: Date) => Promise<'sent' | 'busy' | 'mine'>;
  readonly markSent: (channel: string, id: string, now: Date) => Promise<void>;
  readonly release: (channel: string, id: string) => Promise<void>;
  /** The receiver asked for silence until then: for every message of the channel. */
  readonly pause: (channel: string, until: Date) => Promise<void>;
  readonly pausedUntil: (channel: string) => Promise<Date | undefined>;
}

export interface SlackPorts {
  readonly store: DeliveryStore;
  readonly channels: readonly SlackChannel[];
  readonly post: (channel: SlackChannel, delivery: Delivery) => Promise<PostResult>;
  readonly now: () => Date;
}

export type Delivered =
  | { readonly state: 'done' }
  | { readonly state: 'again'; readonly detail: string; readonly afterSeconds: number };

/** A lease outlives the slowest post, so that a second delivery waits instead of posting too. */
export const LEASE_SECONDS = 60;
const FIRST_RETRY_SECONDS = 30;
/** A receiver that is away is asked every quarter of an hour: the queue's fifty tries then last for half a day. */
const LONGEST_BACKOFF_SECONDS = 900;
/** Whoever asks for more than an hour of silence is asked again after an hour: an absurd value must not bury alerts for days. */
const LONGEST_PAUSE_SECONDS = 3_600;

/** Posts one delivery once. Nothing is acknowledged before the receiver's `ok`. `tries` counts how often it came, this time included. */
export async function deliverSlack(delivery: Delivery, ports: SlackPorts, tries = 1): Promise<Delivered> {
  const { store, channels, post, now } = ports;
  const backoff = Math.min(FIRST_RETRY_SECONDS * 2 ** (tries - 1), LONGEST_BACKOFF_SECONDS);
  const channel = channels.find(({ name }) => name === delivery.channel);
  if (channel === undefined) return again(`channel ${delivery.channel} is not configured`, backoff);
  const silent = (await store.pausedUntil(channel.name))?.getTime() ?? 0;
  if (silent > now().getTime())
    return again('the channel asked for a pause', Math.ceil((silent - now().getTime()) / 1000));
  const lease = await store.lease(channel.name, delivery.id, now());
  if (lease === 'sent') return { state: 'done' };
  if (lease === 'busy') return again('another delivery is posting it', LEASE_SECONDS);
  const result = await post(channel, delivery);
  if (result.state === 'accepted') {
    await store.markSent(channel.name, delivery.id, now());
    return { state: 'done' };
  }
  await store.release(channel.name, delivery.id);
  if (result.retryAfterSeconds === undefined) return again(result.detail, backoff);
  const seconds = Math.min(Math.max(result.retryAfterSeconds, 1), LONGEST_PAUSE_SECONDS);
  await store.pause(channel.name, new Date(now().getTime() + seconds * 1000));
  return again(result.detail, seconds);
}

function again(detail: string, afterSeconds: number): Delivered {
  return { state: 'again', detail, afterSeconds };
}
