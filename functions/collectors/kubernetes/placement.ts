import { type Document, isMap, isScalar, type LineCounter, type Pair, type YAMLMap } from 'yaml';
import type { ShapeError } from '#reachability/shape.ts';

/** Fields of `metadata`. Reference: Kubernetes API, meta/v1 ObjectMeta. */
const METADATA = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
  'clusterName',
  'initializers',
]);
const TOP = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'spec',
  'status',
  'data',
  'stringData',
  'rules',
  'type',
  'items',
]);
const OF_METADATA = new Set(['annotations', 'labels', 'name', 'namespace']);
const OF_POLICY = new Set(['policyTypes', 'ingress', 'egress']);

/**
 * Fields that the text can be read with, but that stand where they have no effect: a `spec` inside `metadata`, `annotations` beside it or
 * under `labels`. Only what stands in the text by lines has a place to be wrong.
 */
export function misplacedIn(document: Document, lines: LineCounter): readonly ShapeError[] {
  const { contents } = document;
  if (!isMap(contents) || contents.flow === true) return [];
  const at = (pair: Pair) => lines.linePos((pair.key as { range?: [number] } | null)?.range?.[0] ?? 0);
  const deep = (pair: Pair, parent: Pair): string => {
    const spaces = at(pair).col - at(parent).col;
    return `${nameOf(pair)} stands ${inWords(spaces)} too deep, inside ${nameOf(parent)} (line ${at(pair).line})`;
  };
  const metadata = pairOf(contents, 'metadata');
  const spec = pairOf(contents, 'spec');
  const inMetadata = pairsIn(metadata);
  const found: ShapeError[] = [];
  for (const pair of contents.items) {
    if (OF_METADATA.has(nameOf(pair))) {
      const message = `${nameOf(pair)} is at the top level and has no effect there: it belongs under metadata (line ${at(pair).line})`;
      found.push({ field: nameOf(pair), message });
    }
  }
  for (const pair of inMetadata) {
    const name = nameOf(pair);
    if (METADATA.has(name) || metadata === undefined) continue;
    const message = TOP.has(name)
      ? `${deep(pair, metadata)}: it belongs beside it`
      : `${name} stands inside metadata and has no effect there${name.includes('/') ? ': it belongs under annotations or labels, two spaces deeper' : ''} (line ${at(pair).line})`;
    found.push({ field: `metadata.${name}`, message });
  }
  for (const group of inMetadata.filter((pair) => ['labels', 'annotations'].includes(nameOf(pair)))) {
    for (const pair of pairsIn(group).filter(({ value }) => isMap(value))) {
      const belongs = METADATA.has(nameOf(pair)) ? 'it belongs beside it' : 'it has no effect there';
      found.push({ field: `metadata.${nameOf(group)}.${nameOf(pair)}`, message: `${deep(pair, group)}: ${belongs}` });
    }
  }
  for (const pair of pairsIn(spec)) {
    const name = nameOf(pair);
    const place = (belongs: string) =>
      `${name} stands directly in spec: it belongs under ${belongs} (line ${at(pair).line})`;
    if (name === 'annotations' || name === 'labels') found.push({ field: `spec.${name}`, message: place('metadata') });
    if (name === 'matchLabels' || name === 'matchExpressions') {
      found.push({ field: `spec.${name}`, message: place('podSelector, two spaces deeper') });
    }
    if (name !== 'podSelector') continue;
    for (const part of [pair, ...pairsIn(pair)]) {
      for (const inner of pairsIn(part).filter((one) => OF_POLICY.has(nameOf(one)))) {
        const path = part === pair ? 'spec.podSelector' : `spec.podSelector.${nameOf(part)}`;
        const spaces = at(inner).col - at(pair).col;
        const message = `${nameOf(inner)} stands ${inWords(spaces)} too deep (line ${at(inner).line}): it belongs beside podSelector`;
        found.push({ field: `${path}.${nameOf(inner)}`, message });
      }
    }
  }
  return found;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => nameOf(pair) === name);
}

function pairsIn(pair: Pair | undefined): readonly Pair[] {
  return isMap(pair?.value) && pair.value.flow !== true ? pair.value.items : [];
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.source ?? key.value) : '';
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

export function inWords(spaces: number): string {
  return `${NUMBERS[spaces] ?? spaces} space${spaces === 1 ? '' : 's'}`;
}

const KEY = /^(\s*)(?:- +)?([\w./-]+|"[^"]+"|'[^']+'):(?:\s+(.*))?$/;

/**
 * Why a text around this line is not YAML, where an indentation explains it better than the parser: `annotations` one space deeper than the
 * `name: app` above it is read as a continuation of the name.
 */
export function misindentedNear(text: string, line: number): string | undefined {
  const rows = text.split('\n');
  for (const index of [line - 1, line - 2, line]) {
    const above = KEY.exec(rows[index] ?? '');
    const next = rows.findIndex((row, at) => at > index && !/^\s*(#|$)/.test(row));
    const below = KEY.exec(rows[next] ?? '');
    const [, outer = '', name = '', value = ''] = above ?? [];
    const [, inner = '', key = ''] = below ?? [];
    if (above === null || below === null || value === '' || /^[|>&*!{[#]/.test(value)) continue;
    const spaces = inner.length - indentOf(rows[index] ?? '', outer);
    if (spaces > 0)
      return `line ${next + 1}: ${key} stands ${inWords(spaces)} too deep, below ${name} (line ${index + 1}), which has a value already`;
  }
  return undefined;
}

/** Keys of a list's item line up behind its dash. */
function indentOf(row: string, outer: string): number {
  return /^\s*- +/.exec(row)?.[0].length ?? outer.length;
}

/** A caption that web pages put below a code block, and that is copied with it. */
const CAPTION = /Code language: [\w+#. -]+\([\w+#.-]+\)\s*$/m;

export function captionIn(text: string): { readonly line: number; readonly without: string } | undefined {
  const found = CAPTION.exec(text);
  if (found === null) return undefined;
  return { line: text.slice(0, found.index).split('\n').length, without: text.replace(CAPTION, '') };
}
