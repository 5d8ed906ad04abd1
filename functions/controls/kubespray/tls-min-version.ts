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

/**
 * Without the setting the components ask for TLS 1.2 by themselves, whichever Go built them: k8s.io/apiserver sets it for the API server,
 * controller manager and scheduler, k8s.io/component-base for the kubelet, in every Kubernetes release that the Kubespray releases known here
 * install (1.22 and later).
 */
const leftOut = (where: string) => good(`${where}: the component itself accepts nothing below TLS 1.2`);

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
