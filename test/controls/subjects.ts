import type { Subject } from '#domain/collection.ts';
import { startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { guardedCluster, SEED_FILES, SEED_INVENTORY, scan } from './kubespray/inventories.ts';
import { SAMPLES } from './samples.ts';

/**
 * The evidence of the tests that hold for every control: what the real collectors read off the simulated clouds, good clusters and bad ones,
 * inventories of Kubespray, and the samples of the other platforms.
 */
export async function collectSubjects(): Promise<readonly Subject[]> {
  const estate = await startEstate(instructive());
  const context = { signal: AbortSignal.timeout(60_000), now: () => new Date('2026-11-01T00:00:00Z') };
  const subjects: Subject[] = [];
  try {
    for (const port of Object.values(estate.providers)) {
      for (const { target, failure, skipped } of (await port.plan(context)).targets) {
        if (failure === undefined && skipped === undefined)
          subjects.push(...(await port.collect(target, context)).subjects);
      }
    }
  } finally {
    await estate.stop();
  }
  // The clouds answer side by side: the order is that of the names.
  subjects.sort((a, b) => (a.resource.uid < b.resource.uid ? -1 : 1));
  subjects.push(...(await scan({ version: 'v2.20.0' }, {})).subjects);
  subjects.push(...(await scan({ version: 'v2.20.0', ...SEED_INVENTORY }, SEED_FILES, guardedCluster())).subjects);
  for (const { kind, name, evidence } of SAMPLES) {
    subjects.push({
      kind,
      resource: { uid: name, type: 'target', provider: 'aws', account: '', region: '', name },
      evidence,
    } as Subject);
  }
  return subjects;
}
