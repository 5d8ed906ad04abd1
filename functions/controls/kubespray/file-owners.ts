import { bad, good, type HostView, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, type JudgeValue } from './shared/judgements.ts';

const mustBeRoot: JudgeValue = (value, where) => {
  if (typeof value !== 'string') return undecided('unrecognised-value', `${where} is not a name`);
  return value === 'root' ? good(where) : bad('not-root', where);
};

const owner = byValue('kube_owner', mustBeRoot);
const group = byValue('kube_cert_group', mustBeRoot);

export default defineKubesprayControl({
  id: 'kubespray-file-owners',
  title: 'Configuration and certificates belong to root',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kube_owner: root and kube_cert_group: root.',
  evaluate: byVariable({
    set: 'kube_owner: root\nkube_cert_group: root',
    hosts: 'k8s_cluster',
    judge: (view: HostView) => {
      const first = owner(view);
      return first.state === 'good' ? group(view) : first;
    },
  }),
});
