import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from 'yaml';

/** A variable as a file gives it. `json` is the value as YAML 1.1 reads it, which is how Ansible reads it. */
export type RawValue =
  | { readonly state: 'literal'; readonly value: unknown; readonly file: string; readonly line: number }
  | { readonly state: 'template'; readonly value: unknown; readonly file: string; readonly line: number }
  | { readonly state: 'vaulted' | 'sealed'; readonly file: string; readonly line: number };

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

/** A vaulted value stays what it is: unreadable. It is never decrypted. */
const vaultTags = ['!vault', '!vault-encrypted'].map((tag): ScalarTag => ({ tag, resolve: () => VAULT }));
/** `!unsafe` only forbids templating. */
const unsafeTag: ScalarTag = { tag: '!unsafe', resolve: (text: string) => text };

/** PyYAML, which Ansible reads with, knows yes, no, on and off, and leaves the single letters of the specification text. */
const booleanTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text: string) => /^(?:yes|true|on)$/i.test(text),
};

function tagsOf(tags: Tags): Tags {
  const others = tags.filter((tag) => typeof tag === 'string' || tag.tag !== booleanTag.tag);
  return [booleanTag, ...others, ...vaultTags, unsafeTag];
}

/** The single mapping of a file, with a way to tell where its keys stand. */
export interface ParsedMapping {
  /** What it says, with aliases and merges resolved. */
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * The line of the key that a path leads to. What an alias brought stands where it is anchored, what a merge brought where the merge
   * stands.
   */
  readonly lineOf: (...path: readonly string[]) => number;
}

export function parseVariableFile(file: string, text: string): VariableFile {
  if (text.startsWith('$ANSIBLE_VAULT;')) return { file, sealed: true, variables: new Map() };
  const variables = new Map<string, RawValue>();
  const mapping = parseMapping(file, text);
  if (mapping === undefined) return { file, sealed: false, variables };
  for (const [name, value] of Object.entries(mapping.values)) {
    variables.set(name, literalOrTemplate(value, file, mapping.lineOf(name)));
  }
  return { file, sealed: false, variables };
}

/** The single mapping of a YAML file, or undefined for an empty one. Of a key that is written twice, the last one counts. */
export function parseMapping(file: string, text: string): ParsedMapping | undefined {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    lineCounter: lines,
    customTags: tagsOf,
    uniqueKeys: false,
    prettyErrors: false,
  });
  if (!('length' in documents)) return undefined;
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new BrokenFile(`${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
  const [document, second] = documents;
  if (second !== undefined) {
    throw new BrokenFile(`${file}:${lines.linePos(second.range[0]).line}: expected one document, found a second one`);
  }
  if (document === undefined || isEmpty(document)) return undefined;
  const { contents } = document;
  if (!isMap(contents)) throw new BrokenFile(`${file}:1: expected a mapping of variables`);
  try {
    const values = document.toJS() as Readonly<Record<string, unknown>>;
    return { values, lineOf: (...path) => lines.linePos(positionOf(document, contents, path)).line };
  } catch (error) {
    // An alias without its anchor, aliases that multiply without end, a merge of something that is no mapping: all are told only here.
    const message = error instanceof Error ? error.message : String(error);
    throw new BrokenFile(`${file}:1: ${message}`, { cause: error });
  }
}

function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function positionOf(document: Document, contents: YAMLMap, path: readonly string[]): number {
  let node: unknown = contents;
  let position = 0;
  for (const name of path) {
    const mapping = isAlias(node) ? node.resolve(document) : node;
    if (!isMap(mapping)) return position;
    // A merge's own key is a symbol, so its source tells it.
    const pair = pairOf(mapping, name) ?? pairOf(mapping, '<<');
    if (pair === undefined) return position;
    position = (pair.key as Node | null)?.range?.[0] ?? position;
    node = pair.value;
  }
  return position;
}

function pairOf(mapping: YAMLMap, name: string): Pair | undefined {
  return mapping.items.findLast(({ key }) => isScalar(key) && (key.source ?? String(key.value)) === name);
}

/** Text with `{{ }}` or `{% %}` anywhere in it, however deep, is a template; a vaulted value inside makes the whole vaulted. */
export function literalOrTemplate(value: unknown, file: string, line: number): RawValue {
  if (contains(value, (part) => part === VAULT)) return { state: 'vaulted', file, line };
  if (contains(value, (part) => typeof part === 'string' && /\{[{%]/.test(part))) {
    return { state: 'template', value, file, line };
  }
  return { state: 'literal', value, file, line };
}

function contains(value: unknown, test: (part: unknown) => boolean): boolean {
  if (test(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part) => contains(part, test));
}
