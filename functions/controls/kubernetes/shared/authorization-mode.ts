import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { fail, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { flagOf, flagProof } from './control-plane.ts';
import { yamlFix } from './fix.ts';

/** On managed platforms RBAC is part of the platform; elsewhere the API server's flag says whether it is in force. */
export function authorizationMode({ platform, staticPods }: KubernetesEvidence): Verdict {
  if (platform !== 'self-managed') {
    return pass(`RBAC is in force on ${platform}`, [
      { kind: 'derived', line: `${platform}: the provider runs the API server with RBAC` },
    ]);
  }
  if (staticPods.state === 'unavailable') return unknownBecause(staticPods);
  const servers = staticPods.value.filter(({ component }) => component === 'kube-apiserver');
  if (servers.length === 0)
    return unknown('host-only', 'no API server runs as a static pod: its authorization mode is on the hosts only');
  const structured = servers.find(({ command }) => flagOf(command, 'authorization-config') !== undefined);
  if (structured !== undefined) {
    return unknown(
      'host-only',
      `${structured.name} reads its authorizers from a file (--authorization-config) that the API does not show`,
      [flagProof(staticPods, structured, 'authorization-config', flagOf(structured.command, 'authorization-config'))],
    );
  }
  const proof = servers.map((pod) =>
    flagProof(staticPods, pod, 'authorization-mode', flagOf(pod.command, 'authorization-mode')),
  );
  const wrong = servers.find(({ command }) => {
    // Absent means AlwaysAllow, the flag's own default.
    const modes = (flagOf(command, 'authorization-mode') ?? 'AlwaysAllow').split(',');
    return !modes.includes('RBAC') || modes.includes('AlwaysAllow');
  });
  return wrong === undefined
    ? pass('every API server authorises by RBAC', proof)
    : fail(
        'rbac-off',
        `${wrong.name} authorises by ${flagOf(wrong.command, 'authorization-mode') ?? 'AlwaysAllow (default)'}`,
        proof,
        { severity: 'CRITICAL', fix: yamlFix(RBAC_ON) },
      );
}

const RBAC_ON = `# Kubespray inventory, group_vars/k8s_cluster
authorization_modes: [Node, RBAC]
# kubeadm, ClusterConfiguration
apiServer:
  extraArgs: [{ name: authorization-mode, value: "Node,RBAC" }]`;
