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

/**
 * Groups that Kubespray's playbooks form themselves: `k8s_cluster`, which its sample inventory does not name any more, and today's
 * spelling of the old names. The group_vars of the formed group hold for the host.
 */
const FORMED: readonly (readonly [group: string, from: readonly string[]])[] = [
  ['kube_control_plane', ['kube-master']],
  ['kube_node', ['kube-node']],
  ['calico_rr', ['calico-rr']],
  ['k8s_cluster', ['k8s-cluster', 'kube_control_plane', 'kube_node', 'calico_rr']],
];

/** From the most general to the most special; `all` first, then by depth, priority and name, as Ansible orders them. */
function groupsOf(host: string, { groups }: Inventory): readonly string[] {
  const direct = [...groups].filter(([, group]) => group.hosts.has(host)).map(([name]) => name);
  const found = new Set<string>(['all', ...(direct.length === 0 ? ['ungrouped'] : direct)]);
  const belongs = (name: string, from: Iterable<string>) =>
    !found.has(name) && [...from].some((member) => found.has(member));
  for (let grew = true; grew; ) {
    const more = [
      ...[...groups].filter(([name, { children }]) => belongs(name, children)).map(([name]) => name),
      ...FORMED.filter(([name, from]) => belongs(name, from)).map(([name]) => name),
    ];
    for (const name of more) found.add(name);
    grew = more.length > 0;
  }
  const depth = depthsOf(groups);
  return [...found].sort(
    (a, b) => depth(a) - depth(b) || priority(a, groups) - priority(b, groups) || (a < b ? -1 : 1),
  );
}

function priority(name: string, groups: ReadonlyMap<string, Group>): number {
  const own = groups.get(name)?.variables.get('ansible_group_priority');
  const value = own?.state === 'literal' ? Number(own.value) : 1;
  return Number.isFinite(value) ? value : 1;
}

/** The longest way down from `all`. Each group is looked at once: groups of groups of groups have more ways than can be walked. */
function depthsOf(groups: ReadonlyMap<string, Group>): (name: string) => number {
  const parents = new Map<string, string[]>();
  for (const [parent, { children }] of groups)
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), parent]);
  const known = new Map<string, number>([['all', 0]]);
  const depth = (name: string): number => {
    const before = known.get(name);
    if (before !== undefined) return before;
    // Of a circle, which Ansible refuses, the way back counts nothing.
    known.set(name, 0);
    const found = 1 + Math.max(0, ...(parents.get(name) ?? []).map(depth));
    known.set(name, found);
    return found;
  };
  return depth;
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
    if (layer.sealed) return { state: 'sealed', file: layer.file, line: 1 };
  }
  return undefined;
}

function present(value: RawValue | undefined, layers: readonly Layer[]): VariableValue {
  if (value === undefined) return { state: 'unset' };
  if (isSecret(value)) return { state: value.state, raw: '', file: value.file, line: value.line };
  const resolved = value.state === 'template' ? dereference(value, layers, new Set()) : value;
  if (resolved.state === 'template')
    return { state: 'template', raw: resolved.raw, file: value.file, line: value.line };
  if (isSecret(resolved)) return { state: 'vaulted', raw: '', file: resolved.file, line: resolved.line };
  return { state: 'literal', json: JSON.stringify(resolved.value ?? null), file: value.file, line: value.line };
}

function isSecret(value: RawValue): value is Extract<RawValue, { state: 'vaulted' | 'sealed' }> {
  return value.state === 'vaulted' || value.state === 'sealed';
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
