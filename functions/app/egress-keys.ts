import { matchingEgressKeys } from '#domain/central-egress.ts';
import type { Collection } from '#domain/collection.ts';
import { EGRESS_CLOUDS } from '#domain/provider-facts.ts';
import type { TargetReport } from '#domain/run.ts';
import type { Settings } from '#domain/settings.ts';
import type { Target } from '#domain/target.ts';

type Declared = Pick<Settings, 'centralEgress'>;

/** The keys of the declarations of central egress that name something of this target: its account, or what was read of it. */
export function egressKeysOf(
  { centralEgress }: Declared,
  { id, provider, account }: Target,
  collection: Collection | undefined,
): readonly string[] {
  const cloud = EGRESS_CLOUDS.find((name) => name === provider);
  const declared = cloud && centralEgress?.[cloud];
  if (cloud === undefined || typeof declared !== 'object') return [];
  const subjects = collection?.subjects ?? [];
  const places = [
    { resource: { uid: id, name: '', account }, networks: [] },
    // Whatever form an id has in the evidence, it is a text in it.
    ...subjects.map(({ resource, evidence }) => ({ resource, networks: [...textsOf(evidence)] })),
  ];
  return [...new Set(places.flatMap((place) => matchingEgressKeys(cloud, declared, place)))].sort();
}

/** The keys that named nothing in a whole run, of the providers that it scanned: a slip of the pen, or what the run could not read. */
export function unmatchedEgressKeys({ centralEgress }: Declared, reports: readonly TargetReport[]): readonly string[] {
  return EGRESS_CLOUDS.flatMap((cloud) => {
    const declared = centralEgress?.[cloud];
    const own = reports.filter(({ target }) => target.provider === cloud);
    if (typeof declared !== 'object' || own.length === 0) return [];
    const met = new Set(own.flatMap(({ egressKeys = [] }) => egressKeys));
    return Object.keys(declared)
      .filter((key) => key !== 'all' && !met.has(key))
      .map((key) => `${cloud}.centralEgress.${key}`);
  });
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textsOf(part);
}
