/**
 * Until when a policy engine enforces policies on an operating system (AKS documentation, use-network-policies, and the retirement notices of
 * Azure Network Policy Manager; read 2026-11-01). No entry: no end is announced. `never`: it does not run there.
 */
const ENDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  azure: { windows: '2026-09-30', linux: '2028-09-30' },
  // Azure CNI powered by Cilium is available for Linux only.
  cilium: { windows: 'never' },
};

/** Where an engine does not enforce policies on that system at that time: why, in words. */
export function notEnforced(engine: string, system: string, at: string): string | undefined {
  const end = endOf(engine, system);
  if (end === 'never') return `${engine} does not run on ${system}`;
  return end !== undefined && at.slice(0, 10) > end
    ? `${engine} on ${system} is out of support since ${end}`
    : undefined;
}

export function endOf(engine: string, system: string): string | undefined {
  return ENDS[engine.toLowerCase()]?.[system.toLowerCase()];
}
