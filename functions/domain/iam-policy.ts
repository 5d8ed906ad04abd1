import * as v from 'valibot';

/**
 * IAM policy documents as far as they decide about single requests: actions, resources and whether anybody may ask. Conditions are not evaluated; a statement that
 * has one may apply or not. Source: IAM user guide, policy elements and evaluation logic.
 */

const texts = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);

const Statement = v.object({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.optional(v.unknown()),
  NotPrincipal: v.optional(v.unknown()),
  Action: v.optional(texts),
  NotAction: v.optional(texts),
  Resource: v.optional(texts),
  NotResource: v.optional(texts),
  Condition: v.optional(v.unknown()),
});
type Statement = v.InferOutput<typeof Statement>;

const Document = v.object({
  Statement: v.pipe(
    v.union([Statement, v.array(Statement)]),
    v.transform((value) => (Array.isArray(value) ? value : [value])),
  ),
});

export interface PolicyStatement {
  /** Its Sid, or its place: `statement 2`. */
  readonly name: string;
  readonly statement: Statement;
}
export type Policy = readonly PolicyStatement[];

/** Undefined: not a policy document. */
export function parsePolicy(text: string): Policy | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The caller says that the document cannot be read.
    return undefined;
  }
  const parsed = v.safeParse(Document, json);
  if (!parsed.success) return undefined;
  return parsed.output.Statement.map((statement, index) => ({
    name: statement.Sid === undefined || statement.Sid === '' ? `statement ${index + 1}` : statement.Sid,
    statement,
  }));
}

/** One request by somebody who is not known; the resource may end in `*` for everything below. */
export interface Request {
  readonly action: string;
  /** Undefined: whichever resource; only a statement about all of them surely covers it. */
  readonly resource: string | undefined;
}

export type Decision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied'; readonly by: string | undefined }
  /** It depends on what this statement asks for. */
  | { readonly kind: 'depends'; readonly on: string };

type Match = 'always' | 'maybe' | 'never';

/** A Deny that applies ends it; without an Allow that applies everything is denied. */
export function decide(policy: Policy, request: Request): Decision {
  const matched = policy.map((entry) => ({ ...entry, match: matchOf(entry.statement, request) }));
  const of = (effect: Statement['Effect'], match: Match) =>
    matched.find((entry) => entry.statement.Effect === effect && entry.match === match);
  const denied = of('Deny', 'always');
  if (denied !== undefined) return { kind: 'denied', by: denied.name };
  const allowed = of('Allow', 'always');
  const allowing = allowed ?? of('Allow', 'maybe');
  if (allowing === undefined) return { kind: 'denied', by: undefined };
  const doubt = of('Deny', 'maybe') ?? (allowed === undefined ? allowing : undefined);
  return doubt === undefined ? { kind: 'allowed' } : { kind: 'depends', on: doubt.name };
}

function matchOf(statement: Statement, { action, resource }: Request): Match {
  const parts = [
    listMatch(statement.Action, statement.NotAction, action.toLowerCase(), true),
    listMatch(statement.Resource, statement.NotResource, resource, false),
  ];
  if (parts.includes('never')) return 'never';
  const certain = isAnybody(statement) && statement.Condition === undefined && !parts.includes('maybe');
  return certain ? 'always' : 'maybe';
}

function isAnybody({ Principal: principal, NotPrincipal }: Statement): boolean {
  if (NotPrincipal !== undefined) return false;
  const all = (value: unknown) => value === '*' || (Array.isArray(value) && value.includes('*'));
  return (
    all(principal) || (typeof principal === 'object' && principal !== null && all((principal as { AWS?: unknown }).AWS))
  );
}

function listMatch(
  list: readonly string[] | undefined,
  except: readonly string[] | undefined,
  wanted: string | undefined,
  ignoreCase: boolean,
): Match {
  if (list !== undefined) return bestOf(list.map((pattern) => patternMatch(pattern, wanted, ignoreCase)));
  // An element that is missing on both sides says nothing.
  if (except === undefined) return 'maybe';
  const left = bestOf(except.map((pattern) => patternMatch(pattern, wanted, ignoreCase)));
  return left === 'always' ? 'never' : left === 'never' ? 'always' : 'maybe';
}

function bestOf(matches: readonly Match[]): Match {
  return matches.find((match) => match === 'always') ?? matches.find((match) => match === 'maybe') ?? 'never';
}

function patternMatch(pattern: string, wanted: string | undefined, ignoreCase: boolean): Match {
  const glob = ignoreCase ? pattern.toLowerCase() : pattern;
  if (/^\*+$/.test(glob)) return 'always';
  // A policy variable is filled in from the request.
  if (glob.includes('${') || wanted === undefined) return 'maybe';
  if (contains(glob, wanted)) return 'always';
  return overlaps(glob, wanted) ? 'maybe' : 'never';
}

/** Letters that stand in no pattern: what a pattern says of them it says of everything that the wildcard in question stands for. */
const ANY_TEXT = '\u0001\u0002';

/** Whether the pattern takes everything that `wanted` stands for. */
function contains(pattern: string, wanted: string): boolean {
  return overlaps(pattern, wanted.replaceAll('*', ANY_TEXT)) && overlaps(pattern, wanted.replaceAll('*', ''));
}

/** Whether there is a text that both patterns take. */
function overlaps(a: string, b: string): boolean {
  const known = new Map<string, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = `${i} ${j}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, false);
    const result = step(i, j);
    known.set(key, result);
    return result;
  };
  const step = (i: number, j: number): boolean => {
    const [x, y] = [a[i], b[j]];
    if (x === undefined && y === undefined) return true;
    if (x === '*') return from(i + 1, j) || (y !== undefined && from(i, j + 1));
    if (y === '*') return from(i, j + 1) || (x !== undefined && from(i + 1, j));
    if (x === undefined || y === undefined) return false;
    return (x === y || x === '?' || y === '?') && from(i + 1, j + 1);
  };
  return from(0, 0);
}
