import type { Component } from './assessment.ts';
import { holdsTemplate } from './read-variable.ts';

/**
 * What kubeadm's patches make of one component's command line. `isWhole`: the patches give the whole command, so that a flag which is not
 * among `flags` is not set.
 */
export type PatchedCommand =
  | { readonly state: 'untouched' }
  | { readonly state: 'unknown'; readonly why: string }
  | { readonly state: 'given'; readonly flags: ReadonlyMap<string, string>; readonly isWhole: boolean };

type Fields = Readonly<Record<string, unknown>>;

const UNTOUCHED: PatchedCommand = { state: 'untouched' };

function unknown(why: string): PatchedCommand {
  return { state: 'unknown', why };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` is the list of patches of v2.27 and later, or the mapping with a folder of the releases before it. */
export function patchedCommand(value: unknown, component: Component): PatchedCommand {
  if (Array.isArray(value))
    return value.reduce<PatchedCommand>((before, entry) => applied(before, entry, component), UNTOUCHED);
  if (!isFields(value)) return unknown('is neither a list nor a mapping');
  // The roles look at the folder only where `enabled` is true, so what else stands there has no effect.
  if (holdsTemplate(value['enabled'])) return unknown('may be enabled');
  const isEnabled = value['enabled'] === true || /^(true|yes|on|1)$/i.test(String(value['enabled']));
  return isEnabled ? unknown('takes patches from a folder that is not read') : UNTOUCHED;
}

function applied(before: PatchedCommand, entry: unknown, component: Component): PatchedCommand {
  if (before.state === 'unknown') return before;
  const { target, type = 'strategic', patch } = isFields(entry) ? entry : {};
  if (typeof target !== 'string' || holdsTemplate(target)) return unknown('has an entry without a target');
  if (!target.startsWith(component)) return before;
  const effect = effectOf(String(type), patch, component);
  if (effect.state !== 'given' || effect.isWhole || before.state !== 'given')
    return effect.state === 'untouched' ? before : effect;
  return { ...effect, flags: new Map([...before.flags, ...effect.flags]), isWhole: before.isWhole };
}

function effectOf(type: string, patch: unknown, component: Component): PatchedCommand {
  if (holdsTemplate(type)) return unknown('has a type that is a template');
  if (type === 'json') return ofOperations(patch);
  if (typeof patch === 'string') {
    const touches = type !== 'strategic' || !/^\s*[\w{"-]+.*:/s.test(patch) || /command|args|"?\$/.test(patch);
    return touches ? unknown('is a text that may set the command') : UNTOUCHED;
  }
  if (!isFields(patch)) return unknown('is not a mapping');
  if (JSON.stringify(patch).includes('"$')) return unknown('holds a directive of a strategic merge');
  const spec = patch['spec'];
  const containers = isFields(spec) ? spec['containers'] : undefined;
  if (spec === null || containers === null) return unknown('removes the containers');
  if (containers === undefined) return UNTOUCHED;
  if (!Array.isArray(containers) || !containers.every(isFields)) return unknown('does not list containers');
  if (type === 'merge') return ofReplacedContainers(containers, component);
  if (type !== 'strategic') return unknown(`is of the type ${type}`);
  // Lists of texts are replaced whole by a strategic merge. A static pod of kubeadm has its flags in `command`, and no `args`.
  return containers
    .filter(({ name }) => name === component || name === undefined)
    .reduce<PatchedCommand>((effect, container) => {
      if (effect.state === 'unknown') return effect;
      const command = container['command'] === undefined ? effect : ofFlags(container['command'], true);
      if (container['args'] === undefined || command.state === 'unknown') return command;
      const args = ofFlags(container['args'], false);
      if (args.state !== 'given' || command.state !== 'given') return args;
      return { ...command, flags: new Map([...command.flags, ...args.flags]) };
    }, UNTOUCHED);
}

/** A JSON merge replaces the list of containers: what it does not say about the container is gone. */
function ofReplacedContainers(containers: readonly Fields[], component: Component): PatchedCommand {
  const own = containers.find(({ name }) => name === component);
  return own?.['command'] === undefined
    ? unknown('replaces the containers without their command')
    : ofFlags(own['command'], true);
}

function ofOperations(patch: unknown): PatchedCommand {
  if (!Array.isArray(patch)) return unknown('is not a list of operations');
  const added: unknown[] = [];
  for (const operation of patch) {
    const { op, path, value, from = '' } = isFields(operation) ? operation : {};
    if (op === 'test' || [path, from].map(String).every(isElsewhere)) continue;
    const isAppended = op === 'add' && /^\/spec\/containers\/0\/(command|args)\/-$/.test(String(path));
    if (!isAppended) return unknown('changes the command in place');
    added.push(value);
  }
  return added.length === 0 ? UNTOUCHED : ofFlags(added, false);
}

/** A place whose change leaves the command of the first container as it is. */
function isElsewhere(path: string): boolean {
  if (path === '') return true;
  const parts = path.split('/').slice(1);
  if (parts[0] !== 'spec' || parts.length === 0) return parts[0] === 'metadata';
  if (parts[1] !== 'containers') return parts.length > 1;
  return parts.length > 3 && parts[3] !== 'command' && parts[3] !== 'args';
}

/** `--x=y` and bare `--x`, the last one of a name. */
function ofFlags(list: unknown, isWhole: boolean): PatchedCommand {
  if (!Array.isArray(list) || holdsTemplate(list)) return unknown('sets a command that cannot be read');
  const flags = new Map<string, string>();
  for (const text of list.map(String)) {
    const [, name, value = 'true'] = /^--([\w-]+)(?:=(.*))?$/s.exec(text) ?? [];
    if (name !== undefined) flags.set(name, value);
  }
  return { state: 'given', flags, isWhole };
}
