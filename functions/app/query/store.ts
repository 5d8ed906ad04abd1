import type { Change, StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { Page, PageRequest } from '#domain/page.ts';
import type { Run } from '#domain/run.ts';

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
