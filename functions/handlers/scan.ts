import { once } from '#app/once.ts';
import type { ScannedTarget } from '#app/scan-target.ts';
import { environment } from '#config/environment.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { Part } from '#controls/closed-network.ts';
import { documentClient } from '#storage/client.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
import { inClusterVerdicts } from './in-cluster.ts';
import { logger } from './runtime.ts';

const repositories = once(() => {
  const client = documentClient();
  const table = environment('RINGFENCE_TABLE');
  return { scan: new ScanRepository(client, table), query: new QueryRepository(client, table) };
});

/** The wiring of the deployed scan functions; each handler adds its provider. */
export const deployed = {
  store: () => repositories().scan,
  inCluster: (
    config: ResolvedConfig,
    uids: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>> => inClusterVerdicts(config, uids, repositories().query),
  onScanned: ({ report, recorded }: ScannedTarget) => {
    const { target, status, reason, message, apiCalls, durationMs } = report;
    logger.info('target scanned', {
      target: target.id,
      status,
      reason,
      detail: message,
      apiCalls,
      durationMs,
      recorded,
    });
  },
};
