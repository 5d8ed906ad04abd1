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
  const mapping = parseMapping(file, text);
  if (mapping === undefined) return { file, sealed: false, variables };
  const { contents, lines, values } = mapping;
  // A merge's own key is a symbol, so its source tells it.
  const keyOf = (name: string) =>
    contents.items.find(({ key }) => isScalar(key) && (key.source ?? String(key.value)) === name)?.key as
      | Node
      | undefined;
  for (const [name, value] of Object.entries(values)) {
    // What a merge brought stands where the merge stands.
    const key = keyOf(name) ?? keyOf('<<');
    variables.set(name, literalOrTemplate(value, file, lines.linePos(key?.range?.[0] ?? 0).line));
  }
  return { file, sealed: false, variables };
}

/**
 * The single mapping of a YAML file, or undefined for an empty one. Ansible reads the first document only. `values` are what it says, with
 * aliases and merges resolved.
 */
export function parseMapping(file: string, text: string) {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    customTags: [vaultTag, unsafeTag],
    prettyErrors: false,
  });
  if (!('length' in documents)) return undefined;
  const document = documents.find(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  );
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new BrokenFile(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  if (document === undefined || document.contents === null) return undefined;
  const { contents } = document;
  if (!isMap(contents)) throw new BrokenFile(`${file}:1: expected a mapping of variables`);
  try {
    return { contents, lines, values: document.toJS() as Readonly<Record<string, unknown>> };
  } catch (error) {
    // An alias without its anchor, aliases that multiply without end, a merge of something that is no mapping: all are told only here.
    const message = error instanceof Error ? error.message : String(error);
    throw new BrokenFile(`${file}:1: ${message}`, { cause: error });
  }
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
