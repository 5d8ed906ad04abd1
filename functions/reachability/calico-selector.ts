import type { Labels } from './selector.ts';

export type CalicoMatch = (labels: Labels) => boolean;

type Token = { readonly kind: 'word' | 'text' | 'symbol'; readonly value: string };

const TOKEN = /\s*(?:(&&|\|\||==|!=|[!(){},])|"([^"]*)"|'([^']*)'|([A-Za-z0-9_][A-Za-z0-9_./-]*))/y;

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.trimEnd().length) {
    const found = pattern.exec(text);
    if (found === null) return undefined;
    const [, symbol, double, single, word] = found;
    if (symbol !== undefined) tokens.push({ kind: 'symbol', value: symbol });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else tokens.push({ kind: 'text', value: double ?? single ?? '' });
  }
  return tokens;
}

/**
 * Calico's selector language: `all()`, `has(k)`, `k == 'v'`, `k != 'v'`, `k in {'a','b'}`, `k not in {...}`, `k contains 'v'`,
 * `k starts with 'v'`, `k ends with 'v'`, `!`, `&&`, `||`, brackets. Empty is `all()`. `undefined` for anything else, so that what
 * is not understood is never guessed. Reference: docs.tigera.io, Calico policy, selectors.
 */
export function parseCalicoSelector(text: string): CalicoMatch | undefined {
  if (text.trim() === '') return () => true;
  const tokens = tokenize(text);
  if (tokens === undefined) return undefined;
  const parser = new Parser(tokens);
  const match = parser.either();
  return match !== undefined && parser.atEnd ? match : undefined;
}

export function isCalicoUniversal(text: string): boolean {
  return /^(?:all\(\s*\))?$/.test(text.trim());
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  either(): CalicoMatch | undefined {
    return this.joined(
      '||',
      () => this.both(),
      (a, b) => (labels) => a(labels) || b(labels),
    );
  }

  private both(): CalicoMatch | undefined {
    return this.joined(
      '&&',
      () => this.single(),
      (a, b) => (labels) => a(labels) && b(labels),
    );
  }

  private joined(
    operator: string,
    operand: () => CalicoMatch | undefined,
    join: (a: CalicoMatch, b: CalicoMatch) => CalicoMatch,
  ): CalicoMatch | undefined {
    let left = operand();
    while (left !== undefined && this.symbol(operator)) {
      const right = operand();
      left = right === undefined ? undefined : join(left, right);
    }
    return left;
  }

  private single(): CalicoMatch | undefined {
    if (this.symbol('!')) {
      const negated = this.single();
      return negated === undefined ? undefined : (labels) => !negated(labels);
    }
    if (this.symbol('(')) {
      const inner = this.either();
      return this.symbol(')') ? inner : undefined;
    }
    const word = this.take('word');
    if (word === undefined) return undefined;
    if ((word === 'all' || word === 'global') && this.symbol('(')) {
      return this.symbol(')') ? () => word === 'all' : undefined;
    }
    if (word === 'has' && this.symbol('(')) {
      const key = this.take('word');
      return key !== undefined && this.symbol(')') ? (labels) => Object.hasOwn(labels, key) : undefined;
    }
    return this.comparison(word);
  }

  private comparison(key: string): CalicoMatch | undefined {
    const found = (labels: Labels) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
    const text = (test: (value: string | undefined, wanted: string) => boolean): CalicoMatch | undefined => {
      const wanted = this.take('text');
      return wanted === undefined ? undefined : (labels) => test(found(labels), wanted);
    };
    if (this.symbol('==')) return text((value, wanted) => value === wanted);
    // Holds too where the label is absent.
    if (this.symbol('!=')) return text((value, wanted) => value !== wanted);
    if (this.word('contains')) return text((value, wanted) => value?.includes(wanted) === true);
    if (this.word('starts'))
      return this.word('with') ? text((value, wanted) => value?.startsWith(wanted) === true) : undefined;
    if (this.word('ends'))
      return this.word('with') ? text((value, wanted) => value?.endsWith(wanted) === true) : undefined;
    const negated = this.word('not');
    if (!this.word('in')) return undefined;
    const wanted = this.set();
    if (wanted === undefined) return undefined;
    return (labels) => {
      const value = found(labels);
      return (value !== undefined && wanted.has(value)) !== negated;
    };
  }

  private set(): ReadonlySet<string> | undefined {
    if (!this.symbol('{')) return undefined;
    const values = new Set<string>();
    while (!this.symbol('}')) {
      const value = this.take('text');
      if (value === undefined) return undefined;
      values.add(value);
      this.symbol(',');
    }
    return values;
  }

  private symbol(value: string): boolean {
    return this.skip('symbol', value);
  }

  private word(value: string): boolean {
    return this.skip('word', value);
  }

  private skip(kind: Token['kind'], value: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== kind || token.value !== value) return false;
    this.at += 1;
    return true;
  }

  private take(kind: Token['kind']): string | undefined {
    const token = this.tokens[this.at];
    if (token?.kind !== kind) return undefined;
    this.at += 1;
    return token.value;
  }
}
