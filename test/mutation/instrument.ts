import { type Edit, isNode, type Source, type SyntaxNode, walk } from './syntax.ts';

/** A function of a file; the file itself is one, too, for what runs when it is loaded. */
export interface Stretch {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** The functions of a file, outer ones first. */
export function stretchesOf(source: Source): readonly Stretch[] {
  const stretches: Stretch[] = [{ id: `${source.path}#0`, start: 0, end: source.bytes.length }];
  for (const { span } of bodiesOf(source))
    stretches.push({ id: `${source.path}#${stretches.length}`, start: span.start - 1, end: span.end - 1 });
  return stretches;
}

/** The innermost function around a place. */
export function stretchAt(stretches: readonly Stretch[], offset: number): string {
  const around = stretches.filter(({ start, end }) => start <= offset && offset < end);
  const innermost = around.reduce((a, b) => (b.end - b.start <= a.end - a.start ? b : a));
  return innermost.id;
}

/** The same program, which notes which of its functions ran: cheaper than coverage of the engine, and needs no source maps. */
export function instrumented(source: Source): string {
  const note = (index: number) => `globalThis.ringfenceRan?.('${source.path}#${index}')`;
  const edits = bodiesOf(source).flatMap((body, index): readonly Edit[] => {
    const start = body.span.start - 1;
    const end = body.span.end - 1;
    if (isBlock(body)) return [{ start: start + 1, end: start + 1, text: `${note(index + 1)};` }];
    return [
      { start, end: start, text: `(${note(index + 1)}, ` },
      { start: end, end, text: ')' },
    ];
  });
  return `${source.withEdits(edits)}\n${note(0)};\n`;
}

function bodiesOf(source: Source): readonly SyntaxNode[] {
  const bodies: SyntaxNode[] = [];
  walk(source.tree, (node) => {
    const { body } = node;
    if (node.type === 'FunctionBody') bodies.push(node);
    else if (node.type === 'ArrowFunctionExpression' && isNode(body) && !isBlock(body)) bodies.push(body);
  });
  return bodies;
}

function isBlock({ type }: SyntaxNode): boolean {
  return type === 'FunctionBody' || type === 'BlockStatement';
}
