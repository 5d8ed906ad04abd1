import { bad, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, flagRule } from './shared/judgements.ts';
import { mustBeLoopback } from './shared/loopback.ts';

const controllerManager = byValue('kube_controller_manager_bind_address', mustBeLoopback);
const scheduler = byValue('kube_scheduler_bind_address', mustBeLoopback);

export default defineKubesprayControl({
  id: 'kubespray-bind-addresses',
  title: 'Controller manager and scheduler listen on loopback only',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation:
    'Set kube_controller_manager_bind_address and kube_scheduler_bind_address to 127.0.0.1. Where Prometheus has to scrape them, restrict ports 10257 and 10259 by a host policy (kubespray-metrics-exposure).',
  evaluate: byVariable({
    set: 'kube_controller_manager_bind_address: 127.0.0.1\nkube_scheduler_bind_address: 127.0.0.1',
    hosts: 'kube_control_plane',
    judge: (view) => {
      const [first, second] = [controllerManager(view), scheduler(view)];
      const { measured, ...worse } = worstOf(first, second);
      const note = worse.state === 'good' ? `${first.note}; ${second.note}` : worse.note;
      // One address for both can be held against the cluster, two cannot: a pod's flag does not say whose variable it was.
      return { ...worse, note, ...(measured !== undefined && first.measured === second.measured ? { measured } : {}) };
    },
    live: {
      components: ['kube-controller-manager', 'kube-scheduler'],
      flag: 'bind-address',
      // The binaries listen on every interface when the flag is missing.
      judge: flagRule(mustBeLoopback, 'bind-address', (where) => bad('not-loopback', `${where}: every interface`)),
    },
  }),
});
