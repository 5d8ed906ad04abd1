import type { KubesprayVariable } from '#domain/evidence/kubespray.ts';
import { isAtLeast, type KubesprayVersion } from '#domain/kubespray/version.ts';
import { type Assessment, bad, good, type HostView, undecided } from './assessment.ts';
import { asBoolean, show } from './judgements.ts';
import { settingOf } from './overrides.ts';
import { holdsTemplate } from './read-variable.ts';

/** A variable that keeps a plugin from enforcing, with the releases that read it. As of 2026-08-21. */
interface Switch {
  readonly variable: KubesprayVariable;
  /** The value with which policies are enforced. */
  readonly enforcing: boolean;
  readonly reason: string;
  readonly effect: string;
  /** Releases from the first to before the second do not read it. */
  readonly unread?: readonly [from: string, before: string];
}

const SWITCHES: Readonly<Record<string, readonly Switch[]>> = {
  'kube-router': [
    {
      variable: 'kube_router_run_firewall',
      enforcing: true,
      reason: 'not-enforcing',
      effect: 'the plugin then enforces no policy',
    },
  ],
  'kube-ovn': [
    {
      variable: 'kube_ovn_enable_np',
      enforcing: true,
      reason: 'not-enforcing',
      effect: 'the plugin then enforces no policy',
    },
  ],
  cilium: [
    {
      variable: 'cilium_policy_audit_mode',
      enforcing: false,
      reason: 'audit-only',
      effect: 'violations are logged and let through',
      // These render Cilium's Helm values without it (pull request 12569 put it back).
      unread: ['v2.28.0', 'v2.29.0'],
    },
  ],
};

/** What the inventory says against the enforcement of a plugin that can enforce. */
export function enforcement(view: HostView, plugin: string): readonly Assessment[] {
  const switches = (SWITCHES[plugin] ?? []).map((one) => judgeSwitch(view, one));
  return plugin === 'cilium' ? [...switches, ...ciliumMappings(view)] : switches;
}

function judgeSwitch(view: HostView, { variable, enforcing, reason, effect, unread }: Switch): Assessment {
  if (unread !== undefined && isBetween(view.version, ...unread)) {
    return good(`${variable} is not read by ${view.version?.text ?? ''}`);
  }
  const given = settingOf(view, variable);
  if (given.state === 'undecided') return isUnset(view, variable) ? good(`${variable} is not set`) : given.assessment;
  if (given.state === 'silent') return good(`${variable} is not set`);
  const note = `${variable}: ${show(given.value)} (${given.where})`;
  const value = asBoolean(given.value);
  if (value === undefined)
    return { ...undecided('unrecognised-value', `${note} is not a boolean`), where: given.where };
  if (value === enforcing) return good(note);
  return { ...bad(reason, `${note}: ${effect}`), where: given.where, set: `${variable}: ${enforcing}` };
}

function isUnset({ host }: HostView, variable: KubesprayVariable): boolean {
  return host.variables[variable].state === 'unset';
}

/** Entries of Cilium's ConfigMap, and of its Helm values, that say the same. Nothing read the first in v2.28.0; the second came with v2.29. */
function ciliumMappings(view: HostView): readonly Assessment[] {
  const config = isBetween(view.version, 'v2.28.0', 'v2.28.1')
    ? []
    : [judgeMapping(view, 'cilium_config_extra_vars', (value) => [value])];
  return [...config, judgeMapping(view, 'cilium_extra_values', (value) => [value, entry(value, 'extraConfig')])];
}

function judgeMapping(
  view: HostView,
  variable: 'cilium_config_extra_vars' | 'cilium_extra_values',
  parts: (value: unknown) => readonly unknown[],
): Assessment {
  if (isUnset(view, variable)) return good(`${variable} is not set`);
  const given = settingOf(view, variable);
  if (given.state === 'undecided') return given.assessment;
  if (given.state === 'silent') return good(`${variable} is not set`);
  const { value, where } = given;
  if (typeof value !== 'object' || value === null) {
    return undecided('unrecognised-value', `${variable}: ${show(value)} (${where}) is not a mapping`);
  }
  const found = parts(value).flatMap((part) =>
    ENTRIES.flatMap(({ key, isWrong, reason, effect, right }): Assessment[] => {
      const one = entry(part, key);
      if (one === undefined) return [];
      const note = `${variable}, ${key}: ${show(one)} (${where})`;
      if (holdsTemplate(one)) return [undecided('template-unresolved', `${note} is a template`)];
      const set = `${variable}:\n  # beside its other entries\n  ${key}: ${right}`;
      return isWrong(one) ? [{ ...bad(reason, `${note}: ${effect}`), where, set }] : [];
    }),
  );
  return found.find(({ state }) => state === 'bad') ?? found[0] ?? good(`${variable} (${where})`);
}

interface Entry {
  readonly key: string;
  readonly isWrong: (value: unknown) => boolean;
  readonly reason: string;
  readonly effect: string;
  readonly right: string;
}

const never = (key: string): Entry => ({
  key,
  isWrong: (value) => String(value).toLowerCase() === 'never',
  reason: 'never',
  effect: 'no policy is enforced',
  right: 'default',
});
const audit = (key: string): Entry => ({
  key,
  isWrong: (value) => asBoolean(value) === true,
  reason: 'audit-only',
  effect: 'violations are logged and let through',
  right: '"false"',
});
/** As Cilium's ConfigMap spells them, and as its Helm values do. */
const ENTRIES: readonly Entry[] = [
  never('enable-policy'),
  never('policyEnforcementMode'),
  audit('policy-audit-mode'),
  audit('policyAuditMode'),
];

function entry(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function isBetween(version: KubesprayVersion | undefined, from: string, before: string): boolean {
  return version !== undefined && isAtLeast(version, from) && !isAtLeast(version, before);
}
