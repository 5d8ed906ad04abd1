import { type Assessment, bad, good, type HostView, undecided, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { disabledPlugins } from './shared/disabled-plugins.ts';
import { asBoolean, asList, settle } from './shared/judgements.ts';

const TYPES = ['Server', 'Namespace', 'User', 'SourceAndObject'];
const FILE = 'kube_apiserver_admission_control_config_file';
const LIMITS = 'kube_apiserver_admission_event_rate_limits';
const PLUGINS = 'kube_apiserver_enable_admission_plugins';
const PLUGIN = 'EventRateLimit';

export default defineKubesprayControl({
  id: 'kubespray-event-rate-limits',
  title: 'Event rate limits are configured and in force',
  severity: 'LOW',
  ...HARDENING,
  remediation:
    'Set kube_apiserver_admission_event_rate_limits with type, qps and burst, kube_apiserver_admission_control_config_file: true, and enable the plugin EventRateLimit.',
  evaluate: byVariable({
    set: 'kube_apiserver_enable_admission_plugins: [EventRateLimit, AlwaysPullImages, NodeRestriction]\nkube_apiserver_admission_control_config_file: true\nkube_apiserver_admission_event_rate_limits:\n  limit_1: { type: Namespace, qps: 50, burst: 100, cache_size: 2000 }\n  limit_2: { type: User, qps: 50, burst: 100 }',
    hosts: 'kube_control_plane',
    judge: (view) =>
      settle(FILE, view.read(FILE), (value, where) => {
        if (asBoolean(value) !== true) return bad('no-effect', `${where}: limits would have no effect`);
        const configured = settle(LIMITS, view.read(LIMITS), limits);
        return configured.state === 'good' ? worstOf(configured, inForce(view)) : configured;
      }),
  }),
});

function limits(value: unknown, where: string): Assessment {
  const entries = typeof value === 'object' && value !== null ? Object.values(value) : undefined;
  if (entries === undefined) return undecided('unrecognised-value', `${where} is not a mapping`);
  return entries.some(limitsSomething) ? good(where) : bad('missing', `${where} limits nothing`);
}

function limitsSomething(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const { type, qps, burst } = entry as { type?: unknown; qps?: unknown; burst?: unknown };
  return typeof type === 'string' && TYPES.includes(type) && Number(qps) > 0 && Number(burst) > 0;
}

/** Limits are read by the plugin alone. */
function inForce(view: HostView): Assessment {
  const names = (expected: boolean) => (value: unknown, where: string) => {
    const plugins = asList(value);
    if (plugins === undefined) return undecided('unrecognised-value', `${where} is not a list`);
    return plugins.includes(PLUGIN) === expected
      ? good(where)
      : bad('no-effect', `${PLUGIN} is ${expected ? 'not enabled' : 'switched off'} by ${where}`);
  };
  return worstOf(settle(PLUGINS, view.read(PLUGINS), names(true)), disabledPlugins(view, names(false)));
}
