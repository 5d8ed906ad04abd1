import { once } from '#app/once.ts';
import type { ScannedTarget } from '#app/scan-target.ts';
import { environment } from '#config/environment.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { Part } from '#controls/closed-network.ts';
import { documentClient } from '#storage/client.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
import { inClusterVerdicts } from './in-cluster.ts';
import { logger } from './runtime.ts';

const repository = once(() => new ScanRepository(documentClient(), environment('RINGFENCE_TABLE')));

/** The wiring of the deployed scan functions; each handler adds its provider. */
export const deployed = {
  store: repository,
  inCluster: (
    config: ResolvedConfig,
    uids: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>> =>
    inClusterVerdicts(config, uids, repository(), () => new Date()),
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
