import type { Target } from '#domain/target.ts';
import type { ScanConfig } from './scan-batch.ts';
import { type ScanPorts, scanTarget } from './scan-target.ts';

/** Time for storing one coverage FAIL. */
const PATIENCE_MS = 30_000;

/** Stores a coverage FAIL for a target that was planned and whose scan left no result: it died, and nobody else would report it. */
export async function recordUnread(
  target: Target,
  { runId, settings }: { readonly runId: string; readonly settings: ScanConfig },
  { store, now }: Pick<ScanPorts, 'store' | 'now'>,
): Promise<void> {
  const failure = { reason: 'timeout' as const, message: 'the scan of this target ended without a result' };
  await scanTarget(
    {
      planned: { target, failure },
      runId,
      controls: [],
      settings,
      exceptions: settings.exceptions,
      signal: AbortSignal.timeout(PATIENCE_MS),
    },
    {
      collect: () => Promise.reject(new Error('an unread target is not collected')),
      store,
      inClusterVerdicts: async () => new Map(),
      now,
    },
  );
}
