import type { Change, StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { Run } from '#domain/run.ts';

/** Where a list goes on; made by the store, opaque to everybody else. */
export type Position = Readonly<Record<string, unknown>>;

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the list goes on after each item. */
  readonly after: readonly Position[];
  /** Undefined: there is nothing more. */
  readonly next?: Position;
}

export interface PageRequest {
  readonly limit: number;
  readonly from?: Position;
}

/** Each list is one query on one index, in an order that no later scan changes: pages neither repeat nor leave out what stayed. */
export interface QueryStore {
  readonly ofAccount: (account: string, page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly ofControl: (control: string, page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly ofResource: (uid: string, page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly open: (page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly byId: (id: string) => Promise<StoredFinding | undefined>;
  readonly history: (id: string, page: PageRequest) => Promise<Page<Change>>;
  readonly targets: (page: PageRequest) => Promise<Page<Heartbeat>>;
  readonly runs: (page: PageRequest) => Promise<Page<Run>>;
  /** When each of the targets was last scanned. */
  readonly lastScans: (targets: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly heartbeats: () => Promise<readonly Heartbeat[]>;
}
