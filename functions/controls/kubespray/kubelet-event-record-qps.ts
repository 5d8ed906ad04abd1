import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { atLeast, byValue } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-event-record-qps',
  title: 'Kubelets record events at a set rate',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kubelet_event_record_qps: 1 (0 means without limit, which the benchmark accepts too).',
  evaluate: byVariable({
    set: 'kubelet_event_record_qps: 1',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_event_record_qps', atLeast(0, 'negative')),
    kubelet: { field: 'eventRecordQPS', flag: 'event-qps', judge: atLeast(0, 'negative') },
  }),
});
