import { isAtLeast } from '#domain/kubespray/version.ts';
import { bad, type HostView } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, flagRule, mustBe, settle } from './shared/judgements.ts';

const judge = mustBe(false, 'enabled');

export default defineKubesprayControl({
  id: 'kubespray-scheduler-profiling',
  title: 'Profiling is off on the scheduler',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kube_profiling: false (before v2.22: kube_kubeadm_scheduler_extra_args: { profiling: false }).',
  evaluate: byVariable({
    set: 'kube_profiling: false\nkube_kubeadm_scheduler_extra_args: { profiling: false }',
    hosts: 'kube_control_plane',
    judge: (view) => {
      if (view.version === undefined) {
        return {
          state: 'undecided',
          reason: 'version-unknown',
          note: 'which variable sets the scheduler flag depends on the release',
        };
      }
      return isAtLeast(view.version, 'v2.22.0') ? byValue('kube_profiling', judge)(view) : extraArguments(view);
    },
    live: {
      components: ['kube-scheduler'],
      flag: 'profiling',
      judge: flagRule(judge, 'profiling', (where) => bad('enabled', `${where}: upstream default true`)),
    },
  }),
});

/** Until v2.21 only the extra arguments reach the scheduler. */
function extraArguments({ read }: HostView) {
  const name = 'kube_kubeadm_scheduler_extra_args';
  return settle(name, read(name), (value, where) => {
    const profiling =
      typeof value === 'object' && value !== null ? (value as { profiling?: unknown }).profiling : undefined;
    return profiling === undefined ? bad('enabled', `${where} does not switch profiling off`) : judge(profiling, where);
  });
}
