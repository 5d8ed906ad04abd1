import { BrokenFile, type RawValue } from './ansible-yaml.ts';

/** Hosts and groups as an inventory file names them, with the variables that stand in the file itself. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, ReadonlyMap<string, RawValue>>;
  readonly groups: ReadonlyMap<string, Group>;
}

export interface Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly variables: Map<string, RawValue>;
}

/** An inventory while it is read. */
export interface Draft {
  readonly hosts: Map<string, Map<string, RawValue>>;
  readonly groups: Map<string, Group>;
}

export function emptyDraft(): Draft {
  return { hosts: new Map(), groups: new Map() };
}

export function groupOf(draft: Draft, name: string): Group {
  let group = draft.groups.get(name);
  if (group === undefined) {
    group = { hosts: new Set(), children: new Set(), variables: new Map() };
    draft.groups.set(name, group);
  }
  return group;
}

export function hostOf(draft: Draft, name: string): Map<string, RawValue> {
  let host = draft.hosts.get(name);
  if (host === undefined) {
    host = new Map();
    draft.hosts.set(name, host);
  }
  return host;
}

/** Kubernetes itself ends at 5,000 nodes; a range beyond this is a slip of the pen. */
const LARGEST_RANGE = 10_000;

/** `node[01:03]` stands for node01, node02, node03; `[a:c]` and a step as in `[1:9:2]` are understood too. */
export function expand(file: string, line: number, pattern: string): readonly string[] {
  const match = /^(.*?)\[(\d+:\d+|[a-z]:[a-z]|[A-Z]:[A-Z])(?::(\d+))?\](.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before = '', range = '', step = '1', after = ''] = match;
  const [from = '', to = ''] = range.split(':');
  const isNumeric = /\d/.test(from);
  const [first, last] = isNumeric ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)];
  if (last < first || Number(step) < 1 || last - first > LARGEST_RANGE) {
    throw new BrokenFile(`${file}:${line}: expected a range from low to high, found [${range}] in ${pattern}`);
  }
  const width = from.startsWith('0') ? from.length : 0;
  const names: string[] = [];
  const more = (found: readonly string[]) => {
    names.push(...found);
    // Ranges beside each other multiply.
    if (names.length > LARGEST_RANGE)
      throw new BrokenFile(
        `${file}:${line}: expected at most ${LARGEST_RANGE} hosts, found more in ${pattern.slice(0, 80)}`,
      );
  };
  for (let at = first; at <= last; at += Number(step)) {
    const part = isNumeric ? String(at).padStart(width, '0') : String.fromCharCode(at);
    more(expand(file, line, `${before}${part}${after}`));
  }
  return names;
}
