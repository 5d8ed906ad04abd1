import type { Subject } from '#domain/collection.ts';
import type { AksCluster, AksEvidence } from '#domain/evidence/aks.ts';
import { closedWorld, type Json, NODES, subnetOf, type World } from '#test/collectors/azure/world.ts';
import { collectWorld } from './verdicts.ts';

/** Complete AKS evidence, as the collector makes it from ARM's bodies. */
export const aksSamples = [
  { kind: 'aks', name: 'a closed cluster', evidence: await evidenceOf(() => undefined) },
  { kind: 'aks', name: 'an open cluster', evidence: await evidenceOf(open) },
] as const;

/** The closed cluster with other fields in its own answer. @public used by the tests that `npm run new-control` writes. */
export function withCluster(change: Partial<AksCluster>): AksEvidence {
  const { cluster, ...evidence } = aksSamples[0].evidence as AksEvidence;
  if (cluster.state === 'unavailable') throw new Error('the world has no cluster');
  return { ...evidence, cluster: { ...cluster, value: { ...cluster.value, ...change } } };
}

function open(world: World): void {
  world.properties['apiServerAccessProfile'] = null;
  world.properties['disableLocalAccounts'] = false;
  (world.properties['networkProfile'] as Json)['outboundType'] = 'loadBalancer';
  subnetOf(world, NODES)['routeTable'] = null;
  world.diagnostics = [];
}

/** What the collector makes of the closed world with one change. */
export async function evidenceOf(change: (world: World) => void): Promise<Subject['evidence']> {
  const world = closedWorld();
  change(world);
  const { subjects } = await collectWorld(world);
  const [subject] = subjects;
  if (subject === undefined) throw new Error('the world has no cluster');
  return subject.evidence;
}
