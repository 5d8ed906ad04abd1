import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, flagRule, type JudgeValue } from './shared/judgements.ts';

const ACCEPTED = ['VersionTLS12', 'VersionTLS13'];
const REJECTED = ['VersionTLS10', 'VersionTLS11'];

const judge: JudgeValue = (value, where) => {
  if (typeof value === 'string' && ACCEPTED.includes(value)) return good(where);
  if (typeof value === 'string' && REJECTED.includes(value)) return bad('old-version', where);
  return undecided('unrecognised-value', where);
};

/** The default is the Go version's, and which Go built the component is not part of the inventory. */
const leftOut = (where: string) =>
  undecided('version-unknown', `${where}; the component's own default depends on the Go release that built it`);

export default defineKubesprayControl({
  id: 'kubespray-tls-min-version',
  title: 'Control plane and kubelets accept TLS 1.2 or later only',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set tls_min_version: VersionTLS12.',
  evaluate: byVariable({
    set: 'tls_min_version: VersionTLS12',
    hosts: 'k8s_cluster',
    judge: byValue('tls_min_version', judge, leftOut),
    live: {
      components: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
      flag: 'tls-min-version',
      judge: flagRule(judge, 'tls-min-version', leftOut),
    },
    kubelet: { field: 'tlsMinVersion', flag: 'tls-min-version', judge: judge },
  }),
});
