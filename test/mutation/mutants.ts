import { type Edit, isNode, type Source, type SyntaxNode, walk } from './syntax.ts';

export const OPERATORS = [
  'condition',
  'comparison',
  'logic',
  'boolean',
  'string',
  'number',
  'arithmetic',
  'quantifier',
  'call',
  'statement',
  'element',
] as const;

export interface Mutant extends Edit {
  readonly path: string;
  readonly line: number;
  readonly operator: (typeof OPERATORS)[number];
  readonly original: string;
}

type Replacement = readonly [operator: Mutant['operator'], node: SyntaxNode, text: string];
type Mutator = (node: SyntaxNode, source: Source) => readonly Replacement[];

const SWAPPED: Readonly<Record<string, readonly [operator: Mutant['operator'], to: string]>> = {
  '===': ['comparison', '!=='],
  '!==': ['comparison', '==='],
  '<': ['comparison', '<='],
  '<=': ['comparison', '<'],
  '>': ['comparison', '>='],
  '>=': ['comparison', '>'],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
  '%': ['arithmetic', '*'],
};

const METHODS: Readonly<Record<string, readonly [operator: Mutant['operator'], to: string]>> = {
  every: ['quantifier', 'some'],
  some: ['quantifier', 'every'],
  startsWith: ['call', 'endsWith'],
  endsWith: ['call', 'startsWith'],
  min: ['call', 'max'],
  max: ['call', 'min'],
};

/** Calls that give something of the kind that they were called on: without them the program still runs. */
const REMOVED_CALLS = new Set([
  'filter',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'toLowerCase',
  'toUpperCase',
  'trim',
  'slice',
]);

const condition = (test: unknown): readonly Replacement[] =>
  isNode(test)
    ? [
        ['condition', test, 'true'],
        ['condition', test, 'false'],
      ]
    : [];

function elementsOf(source: Source, node: SyntaxNode, listed: readonly unknown[]): readonly Replacement[] {
  const texts = listed.map((entry) => elementText(source, entry));
  if (texts.length === 0 || texts.includes(undefined)) return [];
  const [open, close] = node.type === 'ArrayExpression' ? ['[', ']'] : ['{', '}'];
  return texts.map((_text, index) => [
    'element',
    node,
    `${open}${texts.filter((_, other) => other !== index).join(', ')}${close}`,
  ]);
}

/** The text of one element of a list; undefined for a hole. */
function elementText(source: Source, entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  if (isNode(entry)) return source.text(entry);
  // Spread elements, listed expressions and properties have no span of their own in this tree.
  const { type, key, value, expression, spread, arguments: spreadOut } = entry as Readonly<Record<string, unknown>>;
  if (type === 'SpreadElement') return isNode(spreadOut) ? `...${source.text(spreadOut)}` : undefined;
  if (isNode(expression)) return `${spread === undefined || spread === null ? '' : '...'}${source.text(expression)}`;
  return isNode(key) && isNode(value) ? `${source.text(key)}: ${source.text(value)}` : undefined;
}

function methodCall(node: SyntaxNode, source: Source): readonly Replacement[] {
  const callee = node['callee'];
  if (!isNode(callee) || callee.type !== 'MemberExpression') return [];
  const { property, object } = callee as SyntaxNode & { readonly property: SyntaxNode; readonly object: SyntaxNode };
  const name = typeof property['value'] === 'string' ? property['value'] : '';
  const swap = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (swap !== undefined) return [[swap[0], property, swap[1]]];
  return REMOVED_CALLS.has(name) ? [['call', node, source.text(object)]] : [];
}

const MUTATORS: Readonly<Record<string, Mutator>> = {
  IfStatement: ({ test }) => condition(test),
  ConditionalExpression: ({ test }) => condition(test),
  WhileStatement: ({ test }) => (isNode(test) ? [['condition', test, 'false']] : []),
  BooleanLiteral: (node) => [['boolean', node, String(node['value'] !== true)]],
  NumericLiteral: (node) => [['number', node, String(Number(node['value']) + 1)]],
  StringLiteral: (node) => [['string', node, node['value'] === '' ? "'mutated'" : "''"]],
  TemplateLiteral: (node) => [['string', node, '``']],
  UnaryExpression: (node, source) =>
    node['operator'] === '!' && isNode(node['argument']) ? [['logic', node, source.text(node['argument'])]] : [],
  BinaryExpression: (node, source) => {
    const { left, right, operator } = node as SyntaxNode & { left: SyntaxNode; right: SyntaxNode; operator: string };
    const text = (to: string) => `(${source.text(left)} ${to} ${source.text(right)})`;
    if (operator === '??') return [['logic', node, `(${source.text(left)})`]];
    const swap = Object.hasOwn(SWAPPED, operator) ? SWAPPED[operator] : undefined;
    return swap === undefined ? [] : [[swap[0], node, text(swap[1])]];
  },
  CallExpression: methodCall,
  ExpressionStatement: (node) => [['statement', node, ';']],
  ContinueStatement: (node) => [['statement', node, ';']],
  BreakStatement: (node) => [['statement', node, ';']],
  ThrowStatement: (node) => [['statement', node, ';']],
  ArrayExpression: (node, source) => elementsOf(source, node, node['elements'] as readonly unknown[]),
  ObjectExpression: (node, source) => elementsOf(source, node, node['properties'] as readonly unknown[]),
};

/** Every mutant of one file, in the order of the text. */
export function mutantsOf(source: Source): readonly Mutant[] {
  const mutants: Mutant[] = [];
  walk(source.tree, (node) => {
    if (!Object.hasOwn(MUTATORS, node.type)) return;
    for (const [operator, place, text] of MUTATORS[node.type]?.(node, source) ?? []) {
      const start = place.span.start - 1;
      mutants.push({
        path: source.path,
        line: source.line(start),
        operator,
        original: source.text(place),
        start,
        end: place.span.end - 1,
        text,
      });
    }
  });
  return mutants;
}
