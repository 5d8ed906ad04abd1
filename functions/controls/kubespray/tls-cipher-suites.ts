import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asList, byValue, flagRule, type JudgeValue } from './shared/judgements.ts';

/**
 * Suites of CIS Kubernetes Benchmark 1.2.29 as kube-bench lists them (2026-06). Both spellings of the ChaCha20 suites are the same suite;
 * the TLS 1.3 names are accepted although Go does not let them be configured.
 */
const STRONG = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_CBC_SHA',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
]);

const judge: JudgeValue = (value, where) => {
  const suites = asList(value);
  if (suites === undefined) return undecided('unrecognised-value', `${where} is not a list`);
  if (suites.length === 0) return leftOut(where);
  const weak = suites.filter((suite) => !STRONG.has(suite));
  return weak.length === 0 ? good(where) : bad('weak-suite', `${weak.join(', ')} in ${where}`);
};

const leftOut = (where: string) => bad('missing', where, 'LOW');

export default defineKubesprayControl({
  id: 'kubespray-tls-cipher-suites',
  title: 'Control plane and kubelets offer strong cipher suites only',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set tls_cipher_suites to ECDHE suites with AES-GCM or ChaCha20-Poly1305.',
  evaluate: byVariable({
    set: 'tls_cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    hosts: 'k8s_cluster',
    judge: byValue('tls_cipher_suites', judge, leftOut),
    live: {
      components: ['kube-apiserver'],
      flag: 'tls-cipher-suites',
      judge: flagRule(judge, 'tls-cipher-suites', leftOut),
    },
    kubelet: { field: 'tlsCipherSuites', flag: 'tls-cipher-suites', judge: judge },
  }),
});
