import { type Document, isMap, isNode, isPair, isSeq, LineCounter, type Pair, parseDocument, visit } from 'yaml';
import { isClusterUid } from '#domain/provider-facts.ts';

/** The path of a key as messages write it: `ibm.accounts[0].apiKey`. */
export function dotted(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${keyName(String(key))}`)).join('');
  return text.startsWith('.') ? text.slice(1) : text === '' ? 'the file' : text;
}

/** Without control characters; and without what a missing blank glued to the key, which may be a secret. Colons of names that have them are no such slip. */
function keyName(key: string): string {
  if (isClusterUid(key)) return key;
  return key.replaceAll(/\p{Cc}/gu, ' ').replace(/:.+$/s, ':(no blank behind the colon)');
}

/** The line of a key that is named as in error messages. */
export function lineOfKey(text: string, key: string): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const path = [...key.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
  return lineOf(document, lines, path);
}

/** The line of the deepest part of the path that stands in the file: of its key, where it has one. */
export function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
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
    return pair === undefined ? undefined : startOf(pair);
  }
  if (isSeq(parent) && typeof key === 'number') {
    const item = parent.items[key];
    return isNode(item) ? item.range?.[0] : undefined;
  }
  return undefined;
}

function startOf({ key }: Pair): number | undefined {
  return isNode(key) ? key.range?.[0] : undefined;
}

/** The path of the key that begins at this place of the file. */
export function pathAt(document: Document, offset: number): readonly PropertyKey[] | undefined {
  let path: readonly PropertyKey[] | undefined;
  visit(document, {
    Pair(_key, pair, ancestors) {
      if (startOf(pair) !== offset) return undefined;
      const chain = [...ancestors, pair];
      path = chain.flatMap((node, depth): readonly PropertyKey[] => {
        if (isPair(node)) return [String(node.key)];
        return isSeq(node) ? [node.items.indexOf(chain[depth + 1])] : [];
      });
      return visit.BREAK;
    },
  });
  return path;
}
