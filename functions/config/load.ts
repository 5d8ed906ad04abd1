import * as v from 'valibot';
import { type Document, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { crossProblems } from './cross-checks.ts';
import { describeIssues } from './issues.ts';
import { dotted, lineOf, pathAt } from './lines.ts';
import type { Problem } from './problem.ts';
import { type Config, ConfigSchema } from './schema.ts';

/** Everything that is wrong with a file, one line each: `ringfence.yaml:12: aws.accounts[0]: expected ..., found ...`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  /** One fault may break several rules of the schema: each line is told once. */
  constructor(problems: readonly string[]) {
    const lines = [...new Set(problems)];
    super(lines.join('\n'));
    this.problems = lines;
  }
}

/** Reads and validates ringfence.yaml without resolving anything. Throws `ConfigError` with every problem at once, from top to bottom. */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  // A warning is a tag that nobody knows: its value would silently be something else than written.
  const faults = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (faults.length > 0) {
    const problems = faults.map((fault) => `${file}:${lines.linePos(fault.pos[0]).line}: ${syntax(fault, document)}`);
    throw new ConfigError(problems);
  }
  const refuse = (problems: readonly Problem[]) =>
    new ConfigError(
      problems
        .map(({ path, message }) => ({ line: lineOf(document, lines, path), path, message }))
        .toSorted((a, b) => a.line - b.line)
        .map(({ line, path, message }) => `${file}:${line}: ${dotted(path)}: ${message}`),
    );
  const value = plain(document, (offset) => `${file}:${lines.linePos(offset).line}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse([
      { path: [], message: `expected a mapping of keys, found ${Array.isArray(value) ? 'a list' : 'plain text'}` },
    ]);
  }
  const parsed = v.safeParse(ConfigSchema, value);
  if (!parsed.success) throw refuse(describeIssues(parsed.issues));
  const problems = crossProblems(parsed.output);
  if (problems.length > 0) throw refuse(problems);
  return parsed.output;
}

function syntax({ code, message, pos }: YAMLError, document: Document): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---): expected one';
  if (code === 'DUPLICATE_KEY') return `${dotted(pathAt(document, pos[0]) ?? [])}: the key stands twice`;
  return message.split('\n')[0] ?? message;
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
