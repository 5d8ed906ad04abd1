/** A Kubespray version as numbers; `master` is later than every release. */
export interface KubesprayVersion {
  readonly text: string;
  readonly order: readonly [number, number, number];
}

/** `undefined` for anything that is no release tag and not `master`. */
export function parseVersion(text: string): KubesprayVersion | undefined {
  if (text === 'master') return { text, order: [Number.POSITIVE_INFINITY, 0, 0] };
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  return { text, order: [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] };
}

/** Whether `version` is `from` or later. */
export function isAtLeast(version: KubesprayVersion, from: string): boolean {
  const other = parseVersion(from);
  if (other === undefined) throw new Error(`${from} is no Kubespray version`);
  for (const [index, part] of version.order.entries()) {
    const against = other.order[index] ?? 0;
    if (part !== against) return part > against;
  }
  return true;
}
