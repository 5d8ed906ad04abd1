import { fail, pass } from '#domain/verdict.ts';
import { apiServers, flagOf, flagProof } from './shared/control-plane.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { yamlFix } from './shared/fix.ts';

const AUDIT_ON = `# Kubespray inventory, group_vars/k8s_cluster
kubernetes_audit: true
# kubeadm, ClusterConfiguration (policy and directory as extraVolumes)
apiServer:
  extraArgs:
    - { name: audit-policy-file, value: /etc/kubernetes/audit-policy.yaml }
    - { name: audit-log-path, value: /var/log/kubernetes/audit.log }`;

export default defineKubernetesControl({
  id: 'kubernetes-audit-log',
  title: 'The API audit log is on',
  severity: 'MEDIUM',
  basis: 'Seeds 002 and 004: enable and analyse audit logs',
  reference: 'kubernetes 2.3, 2.4 NET-13',
  remediation:
    'Give every API server an --audit-policy-file and an --audit-log-path or --audit-webhook-config-file (Kubespray: kubernetes_audit: true).',
  needs: ['list pods'],
  evaluate({ evidence }) {
    const servers = apiServers(evidence);
    if ('verdict' in servers) return servers.verdict;
    const judged = servers.pods.map((pod) => {
      const policy = flagOf(pod.command, 'audit-policy-file');
      const sink = ['audit-log-path', 'audit-webhook-config-file'].find(
        (flag) => (flagOf(pod.command, flag) ?? '') !== '',
      );
      const missing =
        policy === undefined || policy === '' ? 'audit-policy-file' : sink === undefined ? 'audit-log-path' : undefined;
      const shown = missing ?? sink ?? 'audit-policy-file';
      return { name: pod.name, missing, proof: flagProof(evidence.staticPods, pod, shown, flagOf(pod.command, shown)) };
    });
    const silent = judged.filter(({ missing }) => missing !== undefined);
    const proof = [...silent, ...judged.filter(({ missing }) => missing === undefined)].map((entry) => entry.proof);
    return silent.length > 0
      ? fail(
          'audit-off',
          `no audit log: ${silent.map(({ name, missing }) => `${name} has no --${missing}`).join(', ')}`,
          proof,
          { fix: yamlFix(AUDIT_ON) },
        )
      : pass(`all ${judged.length} API servers write an audit log`, proof);
  },
});
