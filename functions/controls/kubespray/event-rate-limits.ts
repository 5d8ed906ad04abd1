import { asBoolean, settle } from './judgements.ts';
import { bad, type Finding, good, undecided, variableControl } from './variable-control.ts';

const TYPES = ['Server', 'Namespace', 'User', 'SourceAndObject'];
const FILE = 'kube_apiserver_admission_control_config_file';
const LIMITS = 'kube_apiserver_admission_event_rate_limits';

export default variableControl({
  id: 'kubespray-event-rate-limits',
  title: 'Event rate limits are configured and in force',
  severity: 'LOW',
  remediation:
    'Set kube_apiserver_admission_event_rate_limits with type, qps and burst, and kube_apiserver_admission_control_config_file: true.',
  hosts: 'kube_control_plane',
  judge: ({ read }) =>
    settle(FILE, read(FILE), (value, where) =>
      asBoolean(value) === true
        ? settle(LIMITS, read(LIMITS), limits)
        : bad('no-effect', `${where}: limits would have no effect`),
    ),
});

function limits(value: unknown, where: string): Finding {
  const entries = typeof value === 'object' && value !== null ? Object.values(value) : undefined;
  if (entries === undefined) return undecided('unrecognised-value', `${where} is no mapping`);
  return entries.some(limitsSomething) ? good(where) : bad('missing', `${where} limits nothing`);
}

function limitsSomething(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const { type, qps, burst } = entry as { type?: unknown; qps?: unknown; burst?: unknown };
  return typeof type === 'string' && TYPES.includes(type) && Number(qps) > 0 && Number(burst) > 0;
}
