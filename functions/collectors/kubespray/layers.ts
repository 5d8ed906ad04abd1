import { KUBESPRAY_VARIABLES, type KubesprayHost, type VariableValue } from '#domain/evidence/kubespray.ts';
import { referencedDefault } from '#domain/kubespray/references.ts';
import type { KubesprayVersion } from '#domain/kubespray/version.ts';
import type { RawValue, VariableFile } from './ansible-yaml.ts';
import type { Group, Inventory } from './inventory.ts';
import { type Resolved, resolveTemplates } from './jinja.ts';

/** Variable files found beside the inventory, by the group or host they belong to, and the extra-vars files in -e order. */
export interface VariableFiles {
  readonly groups: ReadonlyMap<string, readonly VariableFile[]>;
  readonly hosts: ReadonlyMap<string, readonly VariableFile[]>;
  readonly extra: readonly VariableFile[];
}

/** What variables are resolved with beside the files. */
export interface Resolving {
  readonly version: KubesprayVersion | undefined;
  /** The directory of the hosts file. */
  readonly directory: string;
  /** The names that vaulted files hold, where the inventory declares them. */
  readonly vaulted: readonly string[] | undefined;
}

type Layer = Pick<VariableFile, 'file' | 'sealed' | 'variables'>;

/**
 * Every host with the variables that Ansible would give it. Precedence from low to high (Ansible "Variable precedence"): group variables of
 * the inventory file, group_vars (all, then parents before children), host variables of the inventory file, host_vars, extra vars.
 * A variable is replaced whole; mappings are not merged.
 */
export function resolveHosts(inventory: Inventory, files: VariableFiles, rules: Resolving): readonly KubesprayHost[] {
  return [...inventory.hosts.keys()].sort().map((name) => {
    const groups = groupsOf(name, inventory);
    const layers = layersOf(name, groups, inventory, files);
    return { name, groups: [...groups].sort(), variables: readAll(name, layers, rules) };
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

function readAll(host: string, layers: readonly Layer[], rules: Resolving): KubesprayHost['variables'] {
  return Object.fromEntries(
    KUBESPRAY_VARIABLES.map((name) => [name, present(name, host, layers, rules)]),
  ) as KubesprayHost['variables'];
}

interface Found {
  readonly value?: RawValue;
  /** A sealed file above might have set it, and is declared not to. */
  readonly declared: boolean;
}

/** A sealed file above every layer that sets the variable may set it too, unless the inventory declares what such files hold. */
function find(name: string, layers: readonly Layer[], { vaulted }: Resolving): Found {
  let declared = false;
  for (const layer of layers.toReversed()) {
    const value = layer.variables.get(name);
    if (value !== undefined) return { value, declared };
    if (!layer.sealed) continue;
    if (vaulted === undefined || vaulted.includes(name)) {
      return { value: { state: 'sealed', file: layer.file, line: 1 }, declared };
    }
    declared = true;
  }
  return { declared };
}

function present(name: string, host: string, layers: readonly Layer[], rules: Resolving): VariableValue {
  const { value, declared } = find(name, layers, rules);
  const mark = declared ? { declared: true as const } : {};
  if (value === undefined) return { state: 'unset', ...mark };
  const { file, line } = value;
  if (isSecret(value)) return { state: value.state, raw: '', file, line };
  if (value.state === 'literal') return { state: 'literal', json: jsonOf(value.value), file, line, ...mark };
  const scope = new Scope(host, layers, rules);
  const resolved = scope.resolve(value.value, [name]);
  if (resolved.isComplete) return { state: 'literal', json: jsonOf(resolved.value), file, line, ...mark };
  if (scope.secret !== undefined)
    return { state: 'vaulted', raw: '', file: scope.secret.file, line: scope.secret.line };
  const raw = typeof resolved.value === 'string' ? resolved.value : jsonOf(resolved.value);
  return { state: 'template', raw, file, line };
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function isSecret(value: RawValue): value is Extract<RawValue, { state: 'vaulted' | 'sealed' }> {
  return value.state === 'vaulted' || value.state === 'sealed';
}

/** The names that a host's templates know: its variables, and the defaults of the roles where no file sets one. */
class Scope {
  /** A vaulted value that a template referred to. */
  secret: RawValue | undefined;
  private readonly known = new Map<string, Resolved>();
  private readonly host: string;
  private readonly layers: readonly Layer[];
  private readonly rules: Resolving;

  constructor(host: string, layers: readonly Layer[], rules: Resolving) {
    this.host = host;
    this.layers = layers;
    this.rules = rules;
  }

  /** `above` are the names that led here: a circle ends at its own beginning. */
  resolve(value: unknown, above: readonly string[]): ReturnType<typeof resolveTemplates> {
    return resolveTemplates(value, (name) => this.lookup(name, above));
  }

  private lookup(name: string, above: readonly string[]): Resolved {
    if (above.includes(name) || above.length > LONGEST_CHAIN) return { state: 'unresolved' };
    const before = this.known.get(name);
    const resolved = before ?? this.read(name, above);
    this.known.set(name, resolved);
    return resolved;
  }

  private read(name: string, above: readonly string[]): Resolved {
    if (name === 'inventory_hostname') return { state: 'value', value: this.host };
    if (name === 'inventory_dir') return { state: 'value', value: this.rules.directory };
    const { value } = find(name, this.layers, this.rules);
    if (value === undefined) return this.defaultOf(name, above);
    if (isSecret(value)) {
      this.secret ??= value;
      return { state: 'unresolved' };
    }
    return value.state === 'literal' ? { state: 'value', value: value.value } : this.followed(value.value, name, above);
  }

  private defaultOf(name: string, above: readonly string[]): Resolved {
    const isSet = (other: string) => find(other, this.layers, this.rules).value !== undefined;
    const builtin = referencedDefault(name, this.rules.version, isSet);
    if (builtin.state === 'value') return this.followed(builtin.value, name, above);
    return builtin.state === 'undefined' ? builtin : { state: 'unresolved' };
  }

  private followed(value: unknown, name: string, above: readonly string[]): Resolved {
    const resolved = this.resolve(value, [...above, name]);
    return resolved.isComplete ? { state: 'value', value: resolved.value } : { state: 'unresolved' };
  }
}

/** Nobody refers to a variable over so many others. */
const LONGEST_CHAIN = 20;
