import { BrokenFile, literalOrTemplate, type ParsedMapping, parseMapping } from './ansible-yaml.ts';
import { type Draft, emptyDraft, expand, type Group, groupOf, hostOf, type Inventory } from './inventory-draft.ts';
import { readIni } from './inventory-ini.ts';

export type { Group, Inventory };

/** Reads YAML or INI. Files that are called .yml, .yaml or .json, or that begin like a YAML mapping, are YAML. */
export function parseInventory(file: string, text: string): Inventory {
  const draft = emptyDraft();
  if (/\.(ya?ml|json)$/.test(file) || /^(---|\s*all:)/m.test(text.slice(0, 500))) readYaml(draft, file, text);
  else readIni(draft, file, text);
  return draft;
}

interface Source {
  readonly file: string;
  readonly mapping: ParsedMapping;
}

function readYaml(draft: Draft, file: string, text: string): void {
  const mapping = parseMapping(file, text);
  if (mapping === undefined) throw new BrokenFile(`${file}:1: expected groups, found an empty file`);
  for (const [name, body] of Object.entries(mapping.values)) readYamlGroup(draft, { file, mapping }, [name], body);
}

/** `path` leads to the group and ends with its name. */
function readYamlGroup(draft: Draft, source: Source, path: readonly string[], body: unknown): void {
  const group = groupOf(draft, path.at(-1) ?? '');
  if (body === null) return;
  const { hosts, children, vars } = mappingAt(source, path, body, 'hosts, children or vars');
  for (const [pattern, variables] of entries(source, [...path, 'hosts'], hosts)) {
    for (const host of expand(source.file, source.mapping.lineOf(...path, 'hosts', pattern), pattern)) {
      group.hosts.add(host);
      readVariables(source, [...path, 'hosts', pattern], variables, hostOf(draft, host));
    }
  }
  readVariables(source, [...path, 'vars'], vars, group.variables);
  for (const [child, childBody] of entries(source, [...path, 'children'], children)) {
    group.children.add(child);
    readYamlGroup(draft, source, [...path, 'children', child], childBody);
  }
}

function readVariables(source: Source, path: readonly string[], value: unknown, into: Group['variables']): void {
  for (const [name, variable] of entries(source, path, value)) {
    into.set(name, literalOrTemplate(variable, source.file, source.mapping.lineOf(...path, name)));
  }
}

function entries(source: Source, path: readonly string[], value: unknown): readonly (readonly [string, unknown])[] {
  return value === undefined || value === null ? [] : Object.entries(mappingAt(source, path, value, 'a mapping'));
}

function mappingAt({ file, mapping }: Source, path: readonly string[], value: unknown, expected: string) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new BrokenFile(`${file}:${mapping.lineOf(...path)}: ${path.slice(-2).join('.')}: expected ${expected}`);
}
