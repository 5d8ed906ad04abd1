import type { StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { Run } from '#domain/run.ts';
import { type AnnouncePorts, announceTarget, dispatchRun } from './announce.ts';

/** A write to the table that matters behind it: the new image of a stream record. */
export type StoredItem =
  | { readonly kind: 'finding'; readonly finding: StoredFinding }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'run'; readonly run: Run };

export interface StreamPorts extends AnnouncePorts {
  readonly keepHistory: (finding: StoredFinding) => Promise<void>;
}

/**
 * What follows a write. Findings of a target lie in one partition and their heartbeat settles after them, so the stream brings them in that
 * order; should it not, the change is read off the finding itself.
 */
export async function handleStored(item: StoredItem, ports: StreamPorts): Promise<void> {
  if (item.kind === 'finding') await ports.keepHistory(item.finding);
  else if (item.kind === 'heartbeat') {
    if (item.heartbeat.pending.length === 0 && item.heartbeat.outbox.length > 0)
      await announceTarget(item.heartbeat, ports);
  } else if (item.run.status !== 'running') await dispatchRun(item.run.id, ports);
}
