import type { ScanStore, TargetState } from '#app/record-scan.ts';
import type { StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';

/** One write that succeeded, in the order in which a stream would bring it. */
export type Written =
  | { readonly kind: 'finding'; readonly finding: StoredFinding }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat };

/**
 * The repository's promises without a database: a consistent read of the target, and writes over exactly one revision. `before` runs before each
 * operation: it lets a test order the operations of two scans, or end a scan.
 */
export class ModelStore {
  readonly findings = new Map<string, StoredFinding>();
  readonly fences = new Map<string, number>();
  readonly written: Written[] = [];
  heartbeat: Heartbeat | undefined;
  reads = 0;

  state(): TargetState {
    return {
      heartbeat: this.heartbeat,
      findings: [...this.findings.values()],
      fences: new Map(this.fences),
    };
  }

  open(before: (operation: string) => Promise<void> = async () => undefined): ScanStore {
    return {
      readTarget: async () => {
        await before('read');
        this.reads += 1;
        return this.state();
      },
      writeHeartbeat: async (heartbeat) => {
        await before('heartbeat');
        if ((this.heartbeat?.revision ?? 0) !== heartbeat.revision - 1) return false;
        this.heartbeat = heartbeat;
        this.written.push({ kind: 'heartbeat', heartbeat });
        return true;
      },
      writeFinding: async (next, over) => {
        await before('finding');
        if (this.#revisionOf(next.finding.id) !== over) return false;
        const finding = { ...next, revision: over + 1 };
        this.findings.set(next.finding.id, finding);
        this.fences.delete(next.finding.id);
        this.written.push({ kind: 'finding', finding });
        return true;
      },
      writeFence: async (_target, id, over) => {
        await before('fence');
        if (this.#revisionOf(id) !== over) return false;
        this.fences.set(id, over + 1);
        return true;
      },
    };
  }

  #revisionOf(id: string): number {
    return this.findings.get(id)?.revision ?? this.fences.get(id) ?? 0;
  }

  /** What counts of the state: revisions, which count attempts, are left out. */
  content(): unknown {
    const findings = [...this.findings.values()]
      .filter(({ goneAt }) => goneAt === undefined)
      .map(({ finding, lastDecided }) => [finding.id, finding.status, lastDecided?.status])
      .sort();
    return { findings, evaluatedAt: this.heartbeat?.evaluatedAt, counts: this.heartbeat?.counts };
  }
}
