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
const DEFAULT_RETRY_SECONDS = 30;
/** SQS hides a message for at most twelve hours. */
const LONGEST_RETRY_SECONDS = 43_200;

/** Posts one delivery once. Nothing is acknowledged before the receiver's `ok`. */
export async function deliverSlack(delivery: Delivery, { store, channels, post, now }: SlackPorts): Promise<Delivered> {
  const channel = channels.find(({ name }) => name === delivery.channel);
  if (channel === undefined) {
    return {
      state: 'again',
      detail: `channel ${delivery.channel} is not configured`,
      afterSeconds: DEFAULT_RETRY_SECONDS,
    };
  }
  const lease = await store.lease(channel.name, delivery.id, now());
  if (lease === 'sent') return { state: 'done' };
  if (lease === 'busy')
    return { state: 'again', detail: 'another delivery is posting it', afterSeconds: LEASE_SECONDS };
  const result = await post(channel, delivery);
  if (result.state === 'accepted') {
    await store.markSent(channel.name, delivery.id, now());
    return { state: 'done' };
  }
  await store.release(channel.name, delivery.id);
  const afterSeconds = Math.min(Math.max(result.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS, 1), LONGEST_RETRY_SECONDS);
  return { state: 'again', detail: result.detail, afterSeconds };
}
