import { parseSync } from '@swc/core';

/** A node of the syntax tree, as far as walking it needs. */
export interface SyntaxNode {
  readonly type: string;
  readonly span: { readonly start: number; readonly end: number };
  readonly [property: string]: unknown;
}

/** A source file with its tree. Spans count bytes from 1; everything here counts bytes from 0. */
export class Source {
  readonly path: string;
  readonly bytes: Buffer;
  readonly tree: SyntaxNode;

  constructor(path: string, text: string) {
    this.path = path;
    this.bytes = Buffer.from(text);
    this.tree = parseSync(text, { syntax: 'typescript', target: 'es2024' }) as unknown as SyntaxNode;
  }

  text({ span }: SyntaxNode): string {
    return this.bytes.toString('utf8', span.start - 1, span.end - 1);
  }

  line(offset: number): number {
    return this.bytes.toString('utf8', 0, offset).split('\n').length;
  }

  get lines(): number {
    return this.line(this.bytes.length);
  }

  /** The text with some stretches replaced; they must not overlap. */
  withEdits(edits: readonly Edit[]): string {
    const parts: string[] = [];
    let at = 0;
    for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
      parts.push(this.bytes.toString('utf8', at, start), text);
      at = end;
    }
    return [...parts, this.bytes.toString('utf8', at)].join('');
  }
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Expressions that carry a type; what else begins with Ts is a type and never runs. */
const TYPED_EXPRESSIONS = new Set([
  'TsAsExpression',
  'TsConstAssertion',
  'TsNonNullExpression',
  'TsSatisfiesExpression',
]);

/** Nodes that hold text which is a name or an address, and no value. */
const SKIPPED = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration']);

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'span' in value;
}

/** Everything below a node that runs, parents first; the keys of properties are names and not visited. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, parents: readonly SyntaxNode[]) => void): void {
  const step = (value: unknown, parents: readonly SyntaxNode[]): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!isNode(value)) {
      for (const [name, child] of Object.entries(value)) if (name !== 'key') step(child, parents);
      return;
    }
    if (SKIPPED.has(value.type) || (value.type.startsWith('Ts') && !TYPED_EXPRESSIONS.has(value.type))) return;
    visit(value, parents);
    const inside = [...parents, value];
    for (const child of Object.values(value)) step(child, inside);
  };
  step(node, []);
}
