/** A Kubespray version as numbers; `master` is later than every release. */
export interface KubesprayVersion {
  readonly text: string;
  readonly order: Order;
  /** The last release that the text may stand for: `v2.19` names all of its patch releases. */
  readonly latest: Order;
}

type Order = readonly [number, number, number];

/** `undefined` for anything that is no release tag and not `master`. */
export function parseVersion(text: string): KubesprayVersion | undefined {
  if (text === 'master') {
    const order: Order = [Number.POSITIVE_INFINITY, 0, 0];
    return { text, order, latest: order };
  }
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const patch = match[3] === undefined ? undefined : Number(match[3]);
  return {
    text,
    order: [major, minor, patch ?? 0],
    latest: [major, minor, patch ?? Number.POSITIVE_INFINITY],
  };
}

/** Whether `version` is `from` or later. */
export function isAtLeast({ order }: KubesprayVersion, from: string): boolean {
  return reaches(order, from);
}

export function reaches(order: Order, from: string): boolean {
  const other = parseVersion(from);
  if (other === undefined) throw new Error(`${from} is not a Kubespray version`);
  for (const [index, part] of order.entries()) {
    const against = other.order[index] ?? 0;
    if (part !== against) return part > against;
  }
  return true;
}
