import { isMap, isScalar, LineCounter, type Node, parseAllDocuments, type ScalarTag } from 'yaml';

/** A variable as a file gives it. `json` is the value as YAML 1.1 reads it, which is how Ansible reads it. */
export type RawValue =
  | { readonly state: 'literal'; readonly value: unknown; readonly file: string; readonly line: number }
  | { readonly state: 'template'; readonly raw: string; readonly file: string; readonly line: number }
  | { readonly state: 'vaulted'; readonly file: string; readonly line: number };

/** One file's variables. `sealed` means that the whole file is vaulted and may set anything. */
export interface VariableFile {
  readonly file: string;
  readonly sealed: boolean;
  readonly variables: ReadonlyMap<string, RawValue>;
}

/** A file that is no YAML mapping; the message names file, line and what was expected. */
export class BrokenFile extends Error {
  override readonly name = 'BrokenFile';
}

const VAULT = Symbol('vault');

/** `!vault` stays what it is: unreadable. It is never decrypted. */
const vaultTag: ScalarTag = { tag: '!vault', resolve: () => VAULT };
/** `!unsafe` only forbids templating. */
const unsafeTag: ScalarTag = { tag: '!unsafe', resolve: (text: string) => text };

export function parseVariableFile(file: string, text: string): VariableFile {
  if (text.startsWith('$ANSIBLE_VAULT;')) return { file, sealed: true, variables: new Map() };
  const variables = new Map<string, RawValue>();
  const { contents, lines } = parseMapping(file, text);
  if (contents === undefined) return { file, sealed: false, variables };
  const values = contents.toJSON() as Record<string, unknown>;
  for (const { key, value } of contents.items) {
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined) continue;
    const line = lines.linePos((key as Node).range?.[0] ?? 0).line;
    variables.set(name, rawValue(value, file, line, values[name]));
  }
  return { file, sealed: false, variables };
}

/** The single mapping of a YAML file, or undefined for an empty one. Ansible reads the first document only. */
export function parseMapping(file: string, text: string) {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    customTags: [vaultTag, unsafeTag],
    prettyErrors: false,
  });
  if (!('length' in documents)) return { contents: undefined, lines };
  const document = documents.find(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  );
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new BrokenFile(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  if (document === undefined || document.contents === null) return { contents: undefined, lines };
  const { contents } = document;
  if (!isMap(contents)) throw new BrokenFile(`${file}:1: expected a mapping of variables`);
  return { contents, lines };
}

function rawValue(node: unknown, file: string, line: number, value: unknown): RawValue {
  if (isScalar(node) && node.value === VAULT) return { state: 'vaulted', file, line };
  return literalOrTemplate(value, file, line);
}

/** Text with `{{ }}` or `{% %}` anywhere in it, however deep, is a template; a vaulted value inside makes the whole vaulted. */
export function literalOrTemplate(value: unknown, file: string, line: number): RawValue {
  if (contains(value, (part) => part === VAULT)) return { state: 'vaulted', file, line };
  if (contains(value, (part) => typeof part === 'string' && /\{[{%]/.test(part))) {
    return { state: 'template', raw: typeof value === 'string' ? value : JSON.stringify(value), file, line };
  }
  return { state: 'literal', value, file, line };
}

function contains(value: unknown, test: (part: unknown) => boolean): boolean {
  if (test(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part) => contains(part, test));
}
