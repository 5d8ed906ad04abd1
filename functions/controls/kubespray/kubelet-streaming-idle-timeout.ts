import { asSeconds, byValue } from './judgements.ts';
import { bad, good, undecided, variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-streaming-idle-timeout',
  title: 'Idle streaming connections are closed',
  severity: 'LOW',
  remediation: 'Set kubelet_streaming_connection_idle_timeout: 5m.',
  hosts: 'k8s_cluster',
  judge: byValue(
    'kubelet_streaming_connection_idle_timeout',
    (value, where) => {
      const seconds = asSeconds(value);
      if (seconds === undefined) return undecided('unrecognised-value', `${where} is no duration`);
      return seconds > 0 ? good(where) : bad('never', where);
    },
    (where) => good(`${where}: the kubelet defaults to 4h`),
  ),
});
