import {
  type BrokenFile as Broken,
  BrokenFile,
  literalOrTemplate,
  parseMapping,
  type RawValue,
} from './ansible-yaml.ts';

/** Hosts and groups as an inventory file names them, with the variables that stand in the file itself. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, ReadonlyMap<string, RawValue>>;
  readonly groups: ReadonlyMap<string, Group>;
}

export interface Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Map<string, RawValue>;
}

interface Draft {
  readonly hosts: Map<string, Map<string, RawValue>>;
  readonly groups: Map<string, Group>;
}

/** Reads YAML or INI. Files that are called .yml, .yaml or .json, or that begin like a YAML mapping, are YAML. */
export function parseInventory(file: string, text: string): Inventory {
  const draft: Draft = { hosts: new Map(), groups: new Map() };
  if (/\.(ya?ml|json)$/.test(file) || /^(---|\s*all:)/m.test(text.slice(0, 500))) readYaml(draft, file, text);
  else readIni(draft, file, text);
  return draft;
}

function groupOf(draft: Draft, name: string): Group {
  let group = draft.groups.get(name);
  if (group === undefined) {
    group = { hosts: new Set(), children: new Set(), variables: new Map() };
    draft.groups.set(name, group);
  }
  return group;
}

function hostOf(draft: Draft, name: string): Map<string, RawValue> {
  let host = draft.hosts.get(name);
  if (host === undefined) {
    host = new Map();
    draft.hosts.set(name, host);
  }
  return host;
}

function readYaml(draft: Draft, file: string, text: string): void {
  const mapping = parseMapping(file, text);
  if (mapping === undefined) throw new BrokenFile(`${file}:1: expected groups, found an empty file`);
  for (const [name, body] of Object.entries(mapping.values)) readYamlGroup(draft, file, text, name, body);
}

function readYamlGroup(draft: Draft, file: string, text: string, name: string, body: unknown): void {
  const group = groupOf(draft, name);
  if (body === null) return;
  if (typeof body !== 'object' || Array.isArray(body))
    throw broken(file, text, name, 'expected hosts, children or vars');
  const { hosts, children, vars } = body as { hosts?: unknown; children?: unknown; vars?: unknown };
  for (const [pattern, variables] of entries(hosts, file, text, `${name}.hosts`)) {
    for (const host of expand(pattern)) {
      group.hosts.add(host);
      const own = hostOf(draft, host);
      for (const [key, value] of entries(variables, file, text, host)) {
        own.set(key, literalOrTemplate(value, file, lineOf(text, key)));
      }
    }
  }
  for (const [key, value] of entries(vars, file, text, `${name}.vars`)) {
    group.variables.set(key, literalOrTemplate(value, file, lineOf(text, key)));
  }
  for (const [child, childBody] of entries(children, file, text, `${name}.children`)) {
    group.children.add(child);
    readYamlGroup(draft, file, text, child, childBody);
  }
}

function entries(value: unknown, file: string, text: string, what: string): readonly (readonly [string, unknown])[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) throw broken(file, text, what, 'expected a mapping');
  return Object.entries(value);
}

function broken(file: string, text: string, what: string, expected: string): Broken {
  return new BrokenFile(`${file}:${lineOf(text, what.split('.').at(-1) ?? what)}: ${what}: ${expected}`);
}

function lineOf(text: string, key: string): number {
  const index = text
    .split('\n')
    .findIndex((line) => line.trimStart().startsWith(`${key}:`) || line.trimStart().startsWith(key));
  return index < 0 ? 1 : index + 1;
}

function readIni(draft: Draft, file: string, text: string): void {
  let section = { name: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)[#;].*$/, '').trim();
    if (line === '') continue;
    const header = /^\[([^\]:]+)(?::(children|vars))?\]$/.exec(line);
    if (header !== null) {
      section = { name: header[1] ?? '', kind: header[2] ?? 'hosts' };
      groupOf(draft, section.name);
    } else if (line.startsWith('[')) {
      throw new BrokenFile(`${file}:${index + 1}: expected [group], [group:children] or [group:vars], found ${line}`);
    } else {
      readIniLine(draft, file, index + 1, section, line);
    }
  }
}

function readIniLine(
  draft: Draft,
  file: string,
  line: number,
  { name, kind }: { readonly name: string; readonly kind: string },
  text: string,
): void {
  const group = groupOf(draft, name);
  if (kind === 'children') {
    group.children.add(text);
    groupOf(draft, text);
  } else if (kind === 'vars') {
    const { key, value } = assignment(file, line, text);
    // Ansible keeps the values of a :vars section as text.
    group.variables.set(key, literalOrTemplate(value, file, line));
  } else {
    const [pattern = '', ...rest] = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
    for (const host of expand(pattern)) {
      group.hosts.add(host);
      const own = hostOf(draft, host);
      for (const part of rest) {
        const { key, value } = assignment(file, line, part);
        own.set(key, literalOrTemplate(pythonLiteral(value), file, line));
      }
    }
  }
}

function assignment(file: string, line: number, text: string): { readonly key: string; readonly value: string } {
  const at = text.indexOf('=');
  if (at <= 0) throw new BrokenFile(`${file}:${line}: expected name=value, found ${text}`);
  return {
    key: text.slice(0, at).trim(),
    value: text
      .slice(at + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2'),
  };
}

/** Values on a host line are Python literals to Ansible: True and 12 are typed, true stays text. */
function pythonLiteral(value: string): unknown {
  if (value === 'True') return true;
  if (value === 'False') return false;
  return /^-?\d+$/.test(value) ? Number(value) : value;
}

/** `node[01:03]` stands for node01, node02, node03. */
function expand(pattern: string): readonly string[] {
  const match = /^(.*)\[(\d+):(\d+)\](.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before = '', from = '0', to = '0', after = ''] = match;
  const width = from.startsWith('0') ? from.length : 0;
  const names: string[] = [];
  for (let number = Number(from); number <= Number(to); number += 1) {
    names.push(...expand(`${before}${String(number).padStart(width, '0')}${after}`));
  }
  return names;
}
