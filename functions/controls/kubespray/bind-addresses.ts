import { byValue, flagRule } from './judgements.ts';
import { mustBeLoopback } from './loopback.ts';
import { bad, variableControl } from './variable-control.ts';

const controllerManager = byValue('kube_controller_manager_bind_address', mustBeLoopback);
const scheduler = byValue('kube_scheduler_bind_address', mustBeLoopback);
const RANK = { bad: 0, undecided: 1, void: 2, good: 3 };

export default variableControl({
  id: 'kubespray-bind-addresses',
  title: 'Controller manager and scheduler listen on loopback only',
  severity: 'MEDIUM',
  remediation:
    'Set kube_controller_manager_bind_address and kube_scheduler_bind_address to 127.0.0.1. Where Prometheus has to scrape them, restrict ports 10257 and 10259 by a host policy (kubespray-metrics-exposure).',
  hosts: 'kube_control_plane',
  judge: (view) => {
    const both = [controllerManager(view), scheduler(view)].sort((a, b) => RANK[a.state] - RANK[b.state]);
    const [worse, other] = both;
    if (worse === undefined || other === undefined) throw new Error('two addresses were judged');
    return worse.state === 'good' ? { ...worse, note: `${worse.note}; ${other.note}` } : worse;
  },
  live: {
    components: ['kube-controller-manager', 'kube-scheduler'],
    flag: 'bind-address',
    // The binaries listen on every interface when the flag is missing.
    judge: flagRule(mustBeLoopback, 'bind-address', (where) => bad('not-loopback', `${where}: every interface`)),
  },
});
