import { egressProblems } from './egress-problems.ts';
import { controlProblems } from './parameters.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';

/** What no part of the file can tell alone. */
export function crossProblems(config: Config): readonly Problem[] {
  return [...controlProblems(config), ...clusterProblems(config), ...repeatedNames(config), ...egressProblems(config)];
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

/** Targets and channels are found again by their names: of two of one name, one would never be read or told. */
function repeatedNames(config: Config): readonly Problem[] {
  const channels = config.alerts.slack.map(({ name }, index) => name ?? `slack-${index + 1}`);
  const lists: readonly (readonly [
    section: string,
    list: string,
    key: string | undefined,
    names: readonly string[],
  ])[] = [
    ['aws', 'accounts', undefined, config.aws?.accounts ?? []],
    ['kubernetes', 'clusters', 'name', (config.kubernetes?.clusters ?? []).map(({ name }) => name)],
    ['kubespray', 'inventories', 'name', (config.kubespray?.inventories ?? []).map(({ name }) => name)],
    ['ibm', 'accounts', 'id', (config.ibm?.accounts ?? []).map(({ id }) => id)],
    ['azure', 'tenants', 'id', (config.azure?.tenants ?? []).map(({ id }) => id.toLowerCase())],
    ['alerts', 'slack', 'name', channels],
  ];
  return lists.flatMap(([section, list, key, names]) => {
    const seen = new Set<string>();
    return names.flatMap((name, index) => {
      if (!seen.has(name)) {
        seen.add(name);
        return [];
      }
      const path = [section, list, index, ...(key === undefined ? [] : [key])];
      return [{ path, message: `${name} is there already` }];
    });
  });
}
