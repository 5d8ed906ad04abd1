import { KUBESPRAY_VARIABLES, type KubesprayHost, type VariableValue } from '#domain/evidence/kubespray.ts';
import { literalOrTemplate, type RawValue, type VariableFile } from './ansible-yaml.ts';
import type { Group, Inventory } from './inventory.ts';

/** Variable files found beside the inventory, by the group or host they belong to, and the extra-vars files in -e order. */
export interface VariableFiles {
  readonly groups: ReadonlyMap<string, readonly VariableFile[]>;
  readonly hosts: ReadonlyMap<string, readonly VariableFile[]>;
  readonly extra: readonly VariableFile[];
}

type Layer = Pick<VariableFile, 'file' | 'sealed' | 'variables'>;

/**
 * Every host with the variables that Ansible would give it. Precedence from low to high (Ansible "Variable precedence"): group variables of
 * the inventory file, group_vars (all, then parents before children), host variables of the inventory file, host_vars, extra vars.
 * A variable is replaced whole; mappings are not merged.
 */
export function resolveHosts(inventory: Inventory, files: VariableFiles): readonly KubesprayHost[] {
  return [...inventory.hosts.keys()].sort().map((name) => {
    const groups = groupsOf(name, inventory);
    const layers = layersOf(name, groups, inventory, files);
    return { name, groups: [...groups].sort(), variables: readAll(layers) };
  });
}

/** From the most general to the most special; `all` first, then by depth, then by name, as Ansible orders them. */
function groupsOf(host: string, { groups }: Inventory): readonly string[] {
  const direct = [...groups].filter(([, group]) => group.hosts.has(host)).map(([name]) => name);
  const found = new Set<string>(['all', ...direct]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [name, group] of groups) {
      if (!found.has(name) && [...group.children].some((child) => found.has(child))) {
        found.add(name);
        grew = true;
      }
    }
  }
  return [...found].sort((a, b) => depth(a, groups) - depth(b, groups) || (a < b ? -1 : 1));
}

function depth(name: string, groups: ReadonlyMap<string, Group>, seen: ReadonlySet<string> = new Set()): number {
  if (name === 'all' || seen.has(name)) return 0;
  const parents = [...groups].filter(([, group]) => group.children.has(name)).map(([parent]) => parent);
  return 1 + Math.max(0, ...parents.map((parent) => depth(parent, groups, new Set([...seen, name]))));
}

function layersOf(
  host: string,
  groups: readonly string[],
  inventory: Inventory,
  files: VariableFiles,
): readonly Layer[] {
  const inline = (variables: ReadonlyMap<string, RawValue> | undefined): Layer[] =>
    variables === undefined ? [] : [{ file: '', sealed: false, variables }];
  return [
    ...groups.flatMap((group) => inline(inventory.groups.get(group)?.variables)),
    ...groups.flatMap((group) => files.groups.get(group) ?? []),
    ...inline(inventory.hosts.get(host)),
    ...(files.hosts.get(host) ?? []),
    ...files.extra,
  ];
}

function readAll(layers: readonly Layer[]): KubesprayHost['variables'] {
  return Object.fromEntries(
    KUBESPRAY_VARIABLES.map((name) => [name, present(find(name, layers), layers)]),
  ) as KubesprayHost['variables'];
}

/** A sealed file above every layer that sets the variable may set it too. */
function find(name: string, layers: readonly Layer[]): RawValue | undefined {
  for (const layer of layers.toReversed()) {
    const value = layer.variables.get(name);
    if (value !== undefined) return value;
    if (layer.sealed) return { state: 'vaulted', file: layer.file, line: 1 };
  }
  return undefined;
}

function present(value: RawValue | undefined, layers: readonly Layer[]): VariableValue {
  if (value === undefined) return { state: 'unset' };
  if (value.state === 'vaulted') return { state: 'vaulted', raw: '', file: value.file, line: value.line };
  const resolved = value.state === 'template' ? dereference(value, layers, new Set()) : value;
  if (resolved.state === 'template')
    return { state: 'template', raw: resolved.raw, file: value.file, line: value.line };
  if (resolved.state === 'vaulted') return { state: 'vaulted', raw: '', file: resolved.file, line: resolved.line };
  return { state: 'literal', json: JSON.stringify(resolved.value ?? null), file: value.file, line: value.line };
}

/** Only a plain `{{ name }}` is followed; filters, lookups and text around it stay templates. */
function dereference(value: RawValue, layers: readonly Layer[], seen: ReadonlySet<string>): RawValue {
  if (value.state !== 'template') return value;
  const name = /^\{\{\s*([A-Za-z_]\w*)\s*\}\}$/.exec(value.raw)?.[1];
  if (name === undefined || seen.has(name)) return value;
  const target = find(name, layers);
  if (target === undefined) return value;
  const followed = dereference(target, layers, new Set([...seen, name]));
  return followed.state === 'literal' ? literalOrTemplate(followed.value, value.file, value.line) : followed;
}
