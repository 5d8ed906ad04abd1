import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { Fix, Proof } from '#domain/verdict.ts';
import { commandsFix, kubectl, mergePatch } from '../fix.ts';
import type { Enforcement } from './enforcement.ts';

/** Documented modes and switches. Reference: docs.cilium.io, policy enforcement modes, policy audit mode. */
export function ciliumEnforcement({ ciliumConfig }: KubernetesEvidence, seen: Proof, namespace: string): Enforcement {
  if (ciliumConfig.state === 'unavailable') {
    return { state: 'unknown', reason: ciliumConfig.reason, message: ciliumConfig.message, proof: [seen] };
  }
  if (!ciliumConfig.value.present) {
    return {
      state: 'unknown',
      reason: 'not-found',
      message: `Cilium runs, but its ConfigMap ${namespace}/cilium-config does not exist`,
      proof: [seen],
    };
  }
  const { data } = ciliumConfig.value;
  // Documented defaults: mode `default`, Kubernetes NetworkPolicies watched.
  const mode = data['enable-policy'] ?? 'default';
  const setting = (key: string, value: string): Proof => ({
    kind: 'fact',
    line: `cilium-config ${key}: ${value}`,
    source: ciliumConfig.source,
    field: `data.${key}`,
    value,
  });
  const proof = [setting('enable-policy', mode), seen];
  if (mode === 'never') {
    return {
      state: 'not-enforced',
      defect: 'never',
      message: 'Cilium enforces no policy (enable-policy: never)',
      proof,
      fix: ciliumFix('enable-policy', 'default', namespace),
    };
  }
  if (mode !== 'default' && mode !== 'always') {
    return { state: 'unknown', reason: 'unrecognised-value', message: `Cilium's enable-policy is "${mode}"`, proof };
  }
  if (data['policy-audit-mode'] === 'true') {
    return {
      state: 'not-enforced',
      defect: 'audit-only',
      message: 'Cilium only reports what its policies would drop (policy-audit-mode: true)',
      proof: [setting('policy-audit-mode', 'true'), ...proof],
      fix: ciliumFix('policy-audit-mode', 'false', namespace),
    };
  }
  if (data['enable-k8s-networkpolicy'] === 'false') {
    return {
      state: 'not-enforced',
      defect: 'not-enforced',
      message: 'Cilium ignores Kubernetes NetworkPolicies (enable-k8s-networkpolicy: false)',
      proof: [setting('enable-k8s-networkpolicy', 'false'), ...proof],
      fix: ciliumFix('enable-k8s-networkpolicy', 'true', namespace),
    };
  }
  return {
    state: 'enforced',
    plugin: 'Cilium',
    message: `Cilium enforces NetworkPolicies (enable-policy: ${mode})`,
    proof,
  };
}

function ciliumFix(key: string, value: string, namespace: string): Fix {
  return commandsFix([
    kubectl(namespace, 'patch', 'configmap', 'cilium-config', mergePatch({ data: { [key]: value } })),
    kubectl(namespace, 'rollout restart', 'daemonset', 'cilium'),
  ]);
}
