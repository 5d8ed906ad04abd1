import { CLOSED_NETWORK } from '#controls/closed-network.ts';
import { COVERAGE } from '#controls/coverage.ts';
import { CONTROLS } from '#controls/index.ts';
import type { Config } from './schema.ts';

export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What no part of the file can tell alone. */
export function crossProblems(config: Config): readonly Problem[] {
  return [...controlProblems(config), ...clusterProblems(config), ...repeatedNames(config)];
}

/** Control ids and parameters are the catalogue's: a misspelled one would switch nothing off and nobody would notice. */
function controlProblems(config: Config): readonly Problem[] {
  const known = new Map<string, Readonly<Record<string, { readonly default: unknown }>>>([
    ...CONTROLS.map(({ id, parameters }) => [id, parameters ?? {}] as const),
    [COVERAGE.id, {}],
    [CLOSED_NETWORK.id, {}],
  ]);
  const settings = Object.entries(config.controls).flatMap(([id, entry]): readonly Problem[] => {
    const parameters = known.get(id);
    if (parameters === undefined)
      return [{ path: ['controls', id], message: 'no such control (ringfence controls lists them)' }];
    return Object.entries(entry).flatMap(([name, value]) => parameterProblems(id, name, value, parameters[name]));
  });
  const exceptions = config.exceptions.flatMap(({ control }, index): readonly Problem[] =>
    known.has(control) ? [] : [{ path: ['exceptions', index, 'control'], message: `no such control: ${control}` }],
  );
  return [...settings, ...exceptions];
}

/** An inventory is held against a cluster that is configured under that name. */
function clusterProblems({ kubernetes, kubespray }: Config): readonly Problem[] {
  const names = kubernetes?.clusters.map(({ name }) => name) ?? [];
  return (kubespray?.inventories ?? []).flatMap(({ cluster }, index): readonly Problem[] =>
    cluster === undefined || names.includes(cluster)
      ? []
      : [
          {
            path: ['kubespray', 'inventories', index, 'cluster'],
            message: `there is no cluster ${cluster} under kubernetes.clusters`,
          },
        ],
  );
}

function parameterProblems(
  id: string,
  name: string,
  value: unknown,
  parameter: { readonly default: unknown } | undefined,
): readonly Problem[] {
  if (name === 'enabled' || name === 'severity') return [];
  const path = ['controls', id, name];
  if (parameter === undefined) return [{ path, message: `unknown parameter of ${id}` }];
  const expected = kindOf(parameter.default);
  return kindOf(value) === expected ? [] : [{ path, message: `expected ${expected}, found ${kindOf(value)}` }];
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'boolean'
    ? 'true or false'
    : typeof value === 'number'
      ? 'a number'
      : typeof value === 'string'
        ? 'text'
        : 'a mapping';
}

/** Targets and channels are found again by their names: of two of one name, one would never be read or told. */
function repeatedNames(config: Config): readonly Problem[] {
  const channels = config.alerts.slack.map(({ name }, index) => name ?? `slack-${index + 1}`);
  const lists: readonly (readonly [section: string, list: string, key: string, names: readonly string[]])[] = [
    ['kubernetes', 'clusters', 'name', (config.kubernetes?.clusters ?? []).map(({ name }) => name)],
    ['kubespray', 'inventories', 'name', (config.kubespray?.inventories ?? []).map(({ name }) => name)],
    ['ibm', 'accounts', 'id', (config.ibm?.accounts ?? []).map(({ id }) => id)],
    ['azure', 'tenants', 'id', (config.azure?.tenants ?? []).map(({ id }) => id.toLowerCase())],
    ['alerts', 'slack', 'name', channels],
  ];
  return lists.flatMap(([section, list, key, names]) =>
    names.flatMap((name, index) =>
      names.indexOf(name) === index ? [] : [{ path: [section, list, index, key], message: `${name} is there already` }],
    ),
  );
}
