import type { KubesprayVariable } from '#domain/evidence/kubespray.ts';
import { type Assessment, type Component, type HostView, type LiveRule, undecided, worstOf } from './assessment.ts';
import { type JudgeValue, show } from './judgements.ts';
import { patchedCommand } from './patches.ts';
import { holdsTemplate } from './read-variable.ts';

/** A setting of the kubelet as its configuration file and its command line spell it. */
export interface KubeletSetting {
  /** Dotted, as in `authorization.mode`. */
  readonly field: string;
  readonly flag: string;
  readonly judge: JudgeValue;
}

const EXTRA_ARGUMENTS: Partial<Readonly<Record<Component, KubesprayVariable>>> = {
  'kube-apiserver': 'kube_kubeadm_apiserver_extra_args',
  'kube-controller-manager': 'kube_kubeadm_controller_extra_args',
  'kube-scheduler': 'kube_kubeadm_scheduler_extra_args',
};

/** Flags that the templates write after the extra arguments, so that the role's own value is the last. */
const WRITTEN_LAST = new Set([
  'feature-gates',
  'tls-min-version',
  'tls-cipher-suites',
  'kubelet-certificate-authority',
]);

type Given<T> =
  | { readonly state: 'given'; readonly value: T; readonly where: string }
  | { readonly state: 'silent' }
  | { readonly state: 'undecided'; readonly assessment: Assessment };

/**
 * A vaulted file may set every variable there is. That it holds an override of one that a readable file sets is not supposed: otherwise
 * one vaulted password would leave nothing to be decided. Of a mapping or list in which only some texts are templates, the rest is known.
 */
export function settingOf({ host, readOverride }: HostView, variable: KubesprayVariable): Given<unknown> {
  // No file sets it, and every release leaves an override empty by default.
  if (host.variables[variable].state === 'unset') return { state: 'silent' };
  const setting = readOverride(variable);
  if (setting.state === 'undecided' && setting.isSealed !== true) {
    const entry = host.variables[variable];
    return setting.partly === undefined || !('file' in entry)
      ? { state: 'undecided', assessment: undecided(setting.reason, setting.message) }
      : { state: 'given', value: setting.partly, where: `${entry.file}:${entry.line}` };
  }
  if (setting.state !== 'set' || setting.value === null) return { state: 'silent' };
  return { state: 'given', value: setting.value, where: setting.where };
}

/** The entry of a mapping variable. */
function entryOf(view: HostView, variable: KubesprayVariable, path: readonly string[]): Given<unknown> {
  const setting = settingOf(view, variable);
  if (setting.state !== 'given') return setting;
  let value: unknown = setting.value;
  for (const [index, key] of path.entries()) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (index > 0) return { state: 'silent' };
      const note = `${variable}: ${show(setting.value)} (${setting.where}) is not a mapping`;
      return { state: 'undecided', assessment: undecided('unrecognised-value', note) };
    }
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  if (value === undefined) return { state: 'silent' };
  const where = `${variable}, ${setting.where}`;
  if (!holdsTemplate(value)) return { state: 'given', value, where };
  const note = `${path.join('.')}: ${show(value)} is a template (${where})`;
  return { state: 'undecided', assessment: undecided('template-unresolved', note) };
}

/** A flag that the inventory hands to a control plane component past the hardening variables. */
export function extraArgument(view: HostView, component: Component, flag: string): Given<string> {
  const variable = EXTRA_ARGUMENTS[component];
  if (variable === undefined) return { state: 'silent' };
  const entry = entryOf(view, variable, [flag]);
  return entry.state === 'given' ? { ...entry, value: show(entry.value) } : entry;
}

/** What the extra arguments of kubeadm, and patches of its static pods, make of an assessment. */
export function staticPodOverrides(view: HostView, live: LiveRule | undefined, own: Assessment): Assessment {
  if (live === undefined || !view.host.groups.includes('kube_control_plane')) return own;
  const found = live.components.map((component) => {
    const given = extraArgument(view, component, live.flag);
    if (given.state === 'undecided') return given.assessment;
    if (given.state === 'silent') return undefined;
    const assessment = live.judge(given.value, () => undefined);
    return { ...assessment, note: `${assessment.note} (${given.where})`, where: given.where };
  });
  const overriding = found.filter((assessment) => assessment !== undefined);
  const [first, ...others] = overriding;
  if (first === undefined) return patched(view, live, own);
  // An override of one component leaves the variable to decide for the other.
  const replaces = overriding.length === found.length && !WRITTEN_LAST.has(live.flag);
  return patched(view, live, replaces ? worstOf(first, ...others) : worstOf(own, ...overriding));
}

/** What patches of the static pods make of an assessment, judged by what they touch. */
function patched(view: HostView, live: LiveRule, assessment: Assessment): Assessment {
  const setting = settingOf(view, 'kubeadm_patches');
  if (setting.state === 'undecided') return worstOf(assessment, setting.assessment);
  if (setting.state === 'silent') return assessment;
  const { components, flag, judge } = live;
  const found = components.flatMap((component): Assessment[] => {
    const command = patchedCommand(setting.value, component);
    const where = `kubeadm_patches, ${setting.where}`;
    if (command.state === 'untouched') return [];
    if (command.state === 'unknown') {
      return [
        undecided(
          'undecidable',
          `kubeadm_patches (${setting.where}) may change --${flag} of ${component}: one ${command.why}`,
        ),
      ];
    }
    if (!command.isWhole && !command.flags.has(flag)) return [];
    const judged = judge(command.flags.get(flag), (name) => command.flags.get(name));
    const set = `# --${flag} of ${component} is set by kubeadm_patches: correct it there`;
    return [{ ...judged, note: `${judged.note} (${where})`, where, set }];
  });
  const [first, ...others] = found;
  if (first === undefined) return assessment;
  // A patch of one component leaves the assessment to stand for the other.
  return found.length === components.length ? worstOf(first, ...others) : worstOf(assessment, ...found);
}

const CONFIGURATIONS = ['kubelet_config_extra_args', 'kubelet_node_config_extra_args'] as const;
const FLAGS = ['kubelet_custom_flags', 'kubelet_node_custom_flags'] as const;

/** What the kubelet's extra configuration and its flags make of an assessment. Flags beat the configuration file. */
export function kubeletOverrides(view: HostView, { field, flag, judge }: KubeletSetting, own: Assessment): Assessment {
  const isNode = view.host.groups.includes('kube_node');
  const applies = (variable: KubesprayVariable) => isNode || !variable.startsWith('kubelet_node_');
  const configured = CONFIGURATIONS.filter(applies).reduce((assessment, variable) => {
    const entry = entryOf(view, variable, field.split('.'));
    if (entry.state === 'silent') return assessment;
    // Which of two spellings of one key the kubelet takes depends on the template: both have to hold.
    return worstOf(assessment, entry.state === 'given' ? judgeOverride(judge, field, entry) : entry.assessment);
  }, own);
  return FLAGS.filter(applies).reduce((assessment, variable) => {
    const given = flagIn(view, variable, flag);
    if (given.state === 'silent') return assessment;
    return given.state === 'given' ? judgeOverride(judge, `--${flag}`, given) : worstOf(assessment, given.assessment);
  }, configured);
}

function judgeOverride(
  judge: JudgeValue,
  name: string,
  { value, where }: { readonly value: unknown; readonly where: string },
): Assessment {
  return { ...judge(value, `${name}: ${show(value)} (${where})`), where };
}

/** `--x=y`, `--x y` and bare `--x` among flags that are given as text or as a list; the last one counts. */
function flagIn(view: HostView, variable: KubesprayVariable, flag: string): Given<string> {
  const setting = settingOf(view, variable);
  if (setting.state !== 'given') return setting;
  if (holdsTemplate(setting.value)) {
    const note = `${variable} is a template (${setting.where})`;
    return { state: 'undecided', assessment: undecided('template-unresolved', note) };
  }
  const text = Array.isArray(setting.value) ? setting.value.map(String).join(' ') : show(setting.value);
  const found = [...text.matchAll(/(?:^|\s)--([\w-]+)(?:[=\s]+(?!--)("[^"]*"|\S+))?/g)].findLast(
    ([, name]) => name === flag,
  );
  if (found === undefined) return { state: 'silent' };
  const value = (found[2] ?? 'true').replace(/^"(.*)"$/, '$1');
  return { state: 'given', value, where: `${variable}, ${setting.where}` };
}
