import { atLeast, byValue } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-event-record-qps',
  title: 'Kubelets record events at a set rate',
  severity: 'LOW',
  remediation: 'Set kubelet_event_record_qps: 1 (0 means without limit, which the benchmark accepts too).',
  set: 'kubelet_event_record_qps: 1',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_event_record_qps', atLeast(0, 'negative')),
  kubelet: { field: 'eventRecordQPS', flag: 'event-qps', judge: atLeast(0, 'negative') },
});
