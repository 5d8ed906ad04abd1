import * as v from 'valibot';
import { type Document, isMap, isNode, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { crossProblems } from './cross-checks.ts';
import { type Config, ConfigSchema, SECRET_KEYS } from './schema.ts';

export { resolveConfig } from './resolve.ts';

/** Everything that is wrong with a file, one line each: `ringfence.yaml:12: aws.accounts[0]: expected ..., found ...`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads and validates ringfence.yaml without resolving anything. Throws `ConfigError` with every problem at once. */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors
      .toSorted((a, b) => a.pos[0] - b.pos[0])
      .map(({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${firstLine(message)}`);
    throw new ConfigError([...new Set(problems)]);
  }
  const value = plain(document, (offset) => `${file}:${lines.linePos(offset).line}`);
  const where = (path: readonly PropertyKey[]) => `${file}:${lineOf(document, lines, path)}: ${dotted(path)}`;
  const parsed = v.safeParse(ConfigSchema, value);
  if (!parsed.success) {
    throw new ConfigError(parsed.issues.flatMap(flatten).map((issue) => describe(issue, where)));
  }
  const problems = crossProblems(parsed.output).map(({ path, message }) => `${where(path)}: ${message}`);
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed.output;
}

/** The document as plain data. Aliases are the one thing that only fails here. */
function plain(document: Document, at: (offset: number) => string): unknown {
  const aliases: { readonly offset: number; readonly resolves: boolean }[] = [];
  visit(document, {
    Alias(_key, alias) {
      aliases.push({ offset: alias.range?.[0] ?? 0, resolves: alias.resolve(document) !== undefined });
    },
  });
  const lost = aliases.find(({ resolves }) => !resolves);
  // Its name is not repeated: it is a text, perhaps a secret, that begins with an asterisk and has no quotes.
  if (lost !== undefined)
    throw new ConfigError([
      `${at(lost.offset)}: an alias (*) without its anchor; text that begins with * needs quotes`,
    ]);
  try {
    return document.toJS() ?? {};
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new ConfigError([`${at(aliases[0]?.offset ?? 0)}: aliases of aliases multiply without end`]);
  }
}

type Issue = v.BaseIssue<unknown>;

/** A union reports its best branch: the one that got deepest into the value. */
function flatten(issue: Issue): readonly Issue[] {
  const inner = issue.issues?.filter(({ path }) => (path?.length ?? 0) > (issue.path?.length ?? 0));
  if (issue.type !== 'union' || inner === undefined || inner.length === 0) return [issue];
  return inner.slice(0, 1);
}

function describe(issue: Issue, where: (path: readonly PropertyKey[]) => string): string {
  const path = (issue.path ?? []).map(({ key }) => key as PropertyKey);
  if (issue.type === 'strict_object') {
    const key = String(path.at(-1));
    if (issue.expected === 'never') return `${where(path)}: unknown key${suggestion(key, issue)}`;
    return `${where(path)}: ${key} is missing`;
  }
  return `${where(path)}: ${issue.message}, found ${show(issue, path)}`;
}

const CONTAINERS = ['array', 'strict_object', 'loose_object', 'record', 'variant'];

/** A secret may stand where it does not belong: only short plain words are repeated, where a word was expected that is none. */
function show({ input, type }: Issue, path: readonly PropertyKey[]): string {
  if (input === undefined || input === null) return 'nothing';
  if (typeof input === 'object') return Array.isArray(input) ? 'a list' : 'a mapping';
  const named = path.findLast((key) => typeof key === 'string');
  const hidden = CONTAINERS.includes(type) || [...SECRET_KEYS, 'externalId'].includes(String(named));
  if (typeof input !== 'string') return hidden ? `a ${typeof input}` : String(input);
  return hidden || input.length > 20 ? `text of ${input.length} characters` : JSON.stringify(input);
}

function suggestion(key: string, issue: Issue): string {
  const parent = issue.path?.at(-1)?.input;
  const known = knownKeys(issue).filter((name) => typeof parent !== 'object' || parent === null || !(name in parent));
  const near = known.find((name) => distance(name.toLowerCase(), key.toLowerCase()) <= 2);
  return near === undefined ? '' : `, did you mean ${near}?`;
}

function knownKeys(issue: Issue): readonly string[] {
  let schema: unknown = ConfigSchema;
  for (const { key } of (issue.path ?? []).slice(0, -1)) schema = step(schema, key);
  const entries = unwrap(schema);
  return typeof entries === 'object' && entries !== null && 'entries' in entries
    ? Object.keys(entries.entries as object)
    : [];
}

function step(schema: unknown, key: unknown): unknown {
  const inner = unwrap(schema) as { entries?: Record<string, unknown>; item?: unknown } | undefined;
  return typeof key === 'number' ? inner?.item : inner?.entries?.[String(key)];
}

function unwrap(schema: unknown): unknown {
  let inner = schema as { wrapped?: unknown; pipe?: readonly unknown[] } | undefined;
  while (inner?.wrapped !== undefined) inner = inner.wrapped as typeof inner;
  return inner;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (left === right ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function dotted(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${keyName(String(key))}`)).join('');
  return text.startsWith('.') ? text.slice(1) : text === '' ? 'the file' : text;
}

/** Without control characters; and without what a missing blank glued to the key, which may be a secret. */
function keyName(key: string): string {
  return key.replaceAll(/\p{Cc}/gu, ' ').replace(/:.+$/s, ':(no blank behind the colon)');
}

/** The line of a key that is named as in error messages: `ibm.accounts[0].apiKey`. */
export function lineOfKey(text: string, key: string): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const path = [...key.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
  return lineOf(document, lines, path);
}

/** The line of the deepest part of the path that stands in the file: of its key, where it has one. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key: candidate }) => isNode(candidate) && String(candidate) === String(key));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  if (isSeq(parent) && typeof key === 'number') {
    const item = parent.items[key];
    return isNode(item) ? item.range?.[0] : undefined;
  }
  return undefined;
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}
