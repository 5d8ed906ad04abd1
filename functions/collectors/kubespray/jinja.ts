/**
 * The part of Jinja that inventories write to pass one variable on to another: names and their parts, texts, numbers, lists, `+` and `~`, and
 * filters that only shape a value. Everything else (lookups, conditions, facts) is not evaluated and never guessed.
 */
export type Resolved =
  | { readonly state: 'value'; readonly value: unknown }
  /** A name that nothing sets, as far as it is known. */
  | { readonly state: 'undefined' }
  | { readonly state: 'unresolved' };

export type Lookup = (name: string) => Resolved;

const UNRESOLVED: Resolved = { state: 'unresolved' };
const found = (value: unknown): Resolved => ({ state: 'value', value });

type Token =
  | { readonly kind: 'name' | 'symbol'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: unknown };

const TOKEN = /\s*(?:([A-Za-z_]\w*)|(\d+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([|()[\],.~+]))/y;
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, name, digits, double, single, symbol] = match;
    if (name !== undefined) {
      tokens.push(WORDS.has(name) ? { kind: 'literal', value: WORDS.get(name) } : { kind: 'name', text: name });
    } else if (digits !== undefined) tokens.push({ kind: 'literal', value: Number(digits) });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
    else tokens.push({ kind: 'literal', value: (double ?? single ?? '').replace(/\\(.)/g, '$1') });
  }
  return tokens;
}

/** A value with every `{{ }}` in its texts evaluated, however deep. What cannot be stays in the text as it was written. */
export function resolveTemplates(
  value: unknown,
  lookup: Lookup,
): { readonly isComplete: boolean; readonly value: unknown } {
  if (typeof value === 'string') {
    const text = resolveText(value, lookup);
    return text.state === 'value' ? { isComplete: true, value: text.value } : { isComplete: false, value };
  }
  if (typeof value !== 'object' || value === null) return { isComplete: true, value };
  const entries = Object.entries(value).map(([key, part]) => [key, resolveTemplates(part, lookup)] as const);
  return {
    isComplete: entries.every(([, part]) => part.isComplete),
    value: Array.isArray(value)
      ? entries.map(([, part]) => part.value)
      : Object.fromEntries(entries.map(([key, part]) => [key, part.value])),
  };
}

/** Texts that hold each other double with every step. */
const LONGEST_TEXT = 100_000;
const EXPRESSION = /\{\{-?((?:[^}"']|"[^"]*"|'[^']*'|\}(?!\}))*?)-?\}\}/g;

function resolveText(text: string, lookup: Lookup): Resolved {
  if (text.includes('{%')) return UNRESOLVED;
  const parts = [...text.matchAll(EXPRESSION)];
  if (parts.length === 0) return text.includes('{{') ? UNRESOLVED : found(text);
  const [only] = parts;
  // Alone, an expression keeps its type.
  if (only !== undefined && only[0] === text.trim()) return evaluate(only[1] ?? '', lookup);
  let result = '';
  let at = 0;
  for (const part of parts) {
    const evaluated = evaluate(part[1] ?? '', lookup);
    const printed = evaluated.state === 'value' ? print(evaluated.value) : undefined;
    if (printed === undefined) return UNRESOLVED;
    result += text.slice(at, part.index) + printed;
    at = part.index + part[0].length;
  }
  result += text.slice(at);
  if (result.length > LONGEST_TEXT) return UNRESOLVED;
  // A text that looks like a list or a mapping becomes one.
  return /\{\{|^\s*[[{]/.test(result) ? UNRESOLVED : found(result);
}

/** As Python prints it. A list inside a text is hardly meant. */
function print(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return undefined;
}

function evaluate(text: string, lookup: Lookup): Resolved {
  const tokens = tokenize(text);
  if (tokens === undefined || tokens.length === 0) return UNRESOLVED;
  const parser = new Parser(tokens, lookup);
  const result = parser.sum();
  return parser.atEnd ? result : UNRESOLVED;
}

class Parser {
  private readonly tokens: readonly Token[];
  private readonly lookup: Lookup;
  private at = 0;

  constructor(tokens: readonly Token[], lookup: Lookup) {
    this.tokens = tokens;
    this.lookup = lookup;
  }

  get atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  sum(): Resolved {
    let left = this.filtered();
    for (;;) {
      const operator = ['+', '~'].find((symbol) => this.symbol(symbol));
      if (operator === undefined) return left;
      left = add(left, this.filtered(), operator);
    }
  }

  private filtered(): Resolved {
    let value = this.primary();
    while (this.symbol('|')) {
      const name = this.name();
      const given = this.symbol('(') ? this.list(')') : [];
      if (name === undefined || given === undefined) return UNRESOLVED;
      value = filter(name, value, given);
    }
    return value;
  }

  private primary(): Resolved {
    const token = this.tokens[this.at];
    if (token?.kind === 'literal') {
      this.at += 1;
      return found(token.value);
    }
    if (this.symbol('(')) {
      const inner = this.sum();
      return this.symbol(')') ? inner : UNRESOLVED;
    }
    if (this.symbol('[')) {
      const items = this.list(']');
      if (items === undefined) return UNRESOLVED;
      const open = items.find(({ state }) => state !== 'value');
      return open ?? found(items.map((item) => (item.state === 'value' ? item.value : undefined)));
    }
    const name = this.name();
    return name === undefined ? UNRESOLVED : this.parts(this.lookup(name));
  }

  /** `.key`, `['key']`, `[0]`. */
  private parts(whole: Resolved): Resolved {
    let value = whole;
    for (;;) {
      if (this.symbol('.')) {
        const key = this.name();
        if (key === undefined) return UNRESOLVED;
        value = partOf(value, key);
      } else if (this.symbol('[')) {
        const key = this.sum();
        if (!this.symbol(']') || key.state !== 'value') return UNRESOLVED;
        value = partOf(value, key.value);
      } else if (this.peek('(')) {
        // A method or a function.
        return UNRESOLVED;
      } else {
        return value;
      }
    }
  }

  private list(end: string): readonly Resolved[] | undefined {
    const items: Resolved[] = [];
    while (!this.symbol(end)) {
      if (this.atEnd) return undefined;
      items.push(this.sum());
      if (!this.symbol(',') && !this.peek(end)) return undefined;
    }
    return items;
  }

  private name(): string | undefined {
    const token = this.tokens[this.at];
    if (token?.kind !== 'name') return undefined;
    this.at += 1;
    return token.text;
  }

  private peek(text: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'symbol' && token.text === text;
  }

  private symbol(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += 1;
    return true;
  }
}

function partOf(whole: Resolved, key: unknown): Resolved {
  if (whole.state !== 'value') return whole;
  const { value } = whole;
  if (typeof value !== 'object' || value === null || !(typeof key === 'string' || typeof key === 'number')) {
    return UNRESOLVED;
  }
  return Object.hasOwn(value, key)
    ? found((value as Readonly<Record<string | number, unknown>>)[key])
    : { state: 'undefined' };
}

function add(left: Resolved, right: Resolved, operator: string): Resolved {
  if (left.state !== 'value' || right.state !== 'value') return UNRESOLVED;
  const [a, b] = [left.value, right.value];
  if (operator === '~') {
    const [first, second] = [print(a), print(b)];
    return first === undefined || second === undefined ? UNRESOLVED : found(first + second);
  }
  if (Array.isArray(a) && Array.isArray(b)) return found([...a, ...b]);
  if (typeof a === 'string' && typeof b === 'string') return found(a + b);
  if (typeof a === 'number' && typeof b === 'number') return found(a + b);
  return UNRESOLVED;
}

type Filter = (value: unknown, ...given: readonly unknown[]) => unknown;
/** What a filter returns for a value that it is not known for. */
const NOTHING = Symbol('nothing');

const onText =
  (change: (text: string) => unknown): Filter =>
  (value) =>
    typeof value === 'string' ? change(value) : NOTHING;

const FILTERS: Readonly<Record<string, Filter>> = {
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value === 1;
    return typeof value === 'string' ? /^(true|yes|on|1)$/i.test(value) : NOTHING;
  },
  int: (value) => (/^-?\d+$/.test(String(value)) ? Number(value) : NOTHING),
  string: (value) => print(value) ?? NOTHING,
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  trim: onText((text) => text.trim()),
  list: (value) => (Array.isArray(value) ? value : NOTHING),
  unique: (value) => (Array.isArray(value) ? [...new Set(value)] : NOTHING),
  first: (value) => (Array.isArray(value) && value.length > 0 ? value[0] : NOTHING),
  last: (value) => (Array.isArray(value) && value.length > 0 ? value.at(-1) : NOTHING),
  length: (value) => (Array.isArray(value) || typeof value === 'string' ? value.length : NOTHING),
  join: (value, separator = '') => {
    const texts = Array.isArray(value) ? value.map(print) : [];
    return !Array.isArray(value) || texts.includes(undefined) || typeof separator !== 'string'
      ? NOTHING
      : texts.join(separator);
  },
  replace: (value, from, to) =>
    typeof value === 'string' && typeof from === 'string' && typeof to === 'string'
      ? value.replaceAll(from, to)
      : NOTHING,
  // A pattern without special signs is a text.
  regex_replace: (value, from, to = '') =>
    typeof value === 'string' && typeof from === 'string' && typeof to === 'string' && /^[\w ,;:/-]+$/.test(from)
      ? value.replaceAll(from, to)
      : NOTHING,
  union: (value, other) =>
    Array.isArray(value) && Array.isArray(other) ? [...new Set([...value, ...other])] : NOTHING,
};

function filter(name: string, value: Resolved, given: readonly Resolved[]): Resolved {
  if (name === 'default' || name === 'd') {
    const [fallback = found(''), also] = given;
    const isEmpty = value.state === 'value' && also?.state === 'value' && also.value === true && isFalsy(value.value);
    return value.state === 'undefined' || isEmpty ? fallback : value;
  }
  const known = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (value.state !== 'value' || known === undefined) return UNRESOLVED;
  const values = given.map((one) => (one.state === 'value' ? one.value : NOTHING));
  if (values.includes(NOTHING)) return UNRESOLVED;
  const result = known(value.value, ...values);
  return result === NOTHING ? UNRESOLVED : found(result);
}

function isFalsy(value: unknown): boolean {
  return (
    value === '' || value === false || value === 0 || value === null || (Array.isArray(value) && value.length === 0)
  );
}
