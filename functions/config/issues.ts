import type * as v from 'valibot';
import { suggestion } from './nearest.ts';
import type { Problem } from './problem.ts';
import { ConfigSchema, SECRET_KEYS } from './schema.ts';

type Issue = v.BaseIssue<unknown>;

/** What the schema found, in words: which key, what was expected, and what stands there instead. */
export function describeIssues(issues: readonly Issue[]): readonly Problem[] {
  return issues.flatMap(deepest).map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => key as PropertyKey);
    return { path, message: messageOf(issue, path) };
  });
}

/** A union of a word and a list or a mapping reports what is wrong inside: the word was not meant. Paths of a branch begin at the union's own value. */
function deepest(issue: Issue): readonly Issue[] {
  const [inner] = issue.issues?.filter(({ path }) => path !== undefined) ?? [];
  const wholly = issue.issues?.some(({ path }) => path === undefined) === true;
  if (issue.type !== 'union' || inner?.path === undefined || !wholly) return [issue];
  const path = [...(issue.path ?? []), ...inner.path] as unknown as NonNullable<Issue['path']>;
  return deepest({ ...inner, path });
}

function messageOf(issue: Issue, path: readonly PropertyKey[]): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return unknownKey(String(path.at(-1)), issue);
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `is missing: ${expectedOf(issue)}`;
  return `${expectation(issue)}, found ${show(issue, path)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  strict_object: 'a mapping of keys',
  loose_object: 'a mapping of keys',
  record: 'a mapping of keys',
};

/** The schema's own words; where it has none, the validator's are about its types and not about the file. */
function expectation({ message, type }: Issue): string {
  const kind = KINDS[type];
  return kind !== undefined && message.startsWith('Invalid ') ? `expected ${kind}` : message;
}

/** A secret may stand where it does not belong: only short plain words are repeated, where a word was expected that is none. */
function show({ input, type }: Issue, path: readonly PropertyKey[]): string {
  if (input === undefined || input === null) return 'nothing';
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list';
  if (typeof input === 'object') return type === 'union' ? withKeys(Object.keys(input)) : 'a mapping';
  const named = path.findLast((key) => typeof key === 'string');
  const hidden = type === 'variant' || type in KINDS || [...SECRET_KEYS, 'externalId'].includes(String(named));
  if (typeof input !== 'string') return hidden ? `a ${typeof input}` : String(input);
  return hidden || input.length > 20 ? `text of ${input.length} characters` : JSON.stringify(input);
}

/** Which plain keys are there tells which one is missing, or too many. */
function withKeys(keys: readonly string[]): string {
  const plain = keys.filter((key) => /^[a-zA-Z]{1,20}$/.test(key));
  return plain.length === 0 ? 'a mapping' : plain.join(', ');
}

function unknownKey(key: string, issue: Issue): string {
  const parent = issue.path?.at(-1)?.input;
  const free = knownKeys(issue).filter((name) => typeof parent !== 'object' || parent === null || !(name in parent));
  return `unknown key${suggestion(key, free)}`;
}

/** What the schema of a missing key asks for. */
function expectedOf({ path }: Issue): string {
  const message = schemaAt((path ?? []).map(({ key }) => key))?.message;
  return typeof message === 'string' ? message : 'expected a value';
}

function knownKeys({ path }: Issue): readonly string[] {
  return Object.keys(schemaAt((path ?? []).slice(0, -1).map(({ key }) => key))?.entries ?? {});
}

/** As much of a schema's inside as is looked at here. */
interface SchemaNode {
  readonly wrapped?: SchemaNode;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly message?: unknown;
}

/** The schema of what stands under the path; undefined below unions, which have no one shape. */
function schemaAt(path: readonly unknown[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = unwrap(ConfigSchema as SchemaNode);
  for (const key of path) node = unwrap(typeof key === 'number' ? node?.item : node?.entries?.[String(key)]);
  return node;
}

function unwrap(schema: SchemaNode | undefined): SchemaNode | undefined {
  let node = schema;
  while (node?.wrapped !== undefined) node = node.wrapped;
  return node;
}
