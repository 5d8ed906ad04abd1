import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asSeconds, byValue, type JudgeValue } from './shared/judgements.ts';

const judge: JudgeValue = (value, where) => {
  const seconds = asSeconds(value);
  if (seconds === undefined) return undecided('unrecognised-value', `${where} is not a duration`);
  return seconds > 0 ? good(where) : bad('never', where);
};

export default defineKubesprayControl({
  id: 'kubespray-kubelet-streaming-idle-timeout',
  title: 'Idle streaming connections are closed',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kubelet_streaming_connection_idle_timeout: 5m.',
  evaluate: byVariable({
    set: 'kubelet_streaming_connection_idle_timeout: 5m',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_streaming_connection_idle_timeout', judge, (where) =>
      good(`${where}: the kubelet defaults to 4h`),
    ),
    kubelet: { field: 'streamingConnectionIdleTimeout', flag: 'streaming-connection-idle-timeout', judge },
  }),
});
