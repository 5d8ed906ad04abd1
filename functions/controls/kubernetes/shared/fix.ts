import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';

/** Objects that one remedy names; what is more of the same stands in the proof. */
const MOST = 20;

type Direction = 'ingress' | 'egress';

export function commandsFix(commands: readonly string[]): Fix {
  return { commands: [...new Set(commands)].slice(0, MOST), fragments: [] };
}

export function yamlFix(code: string, commands: readonly string[] = []): Fix {
  return { commands: [...new Set(commands)].slice(0, MOST), fragments: [{ language: 'yaml', code }] };
}

/** `kubectl -n shop annotate service web ...`; cluster-scoped objects have no namespace. */
export function kubectl(namespace: string, verb: string, kind: string, name: string, rest = ''): string {
  const scope = namespace === '' ? '' : `-n ${shellQuote(namespace)} `;
  return `kubectl ${scope}${verb} ${kind} ${shellQuote(name)}${rest === '' ? '' : ` ${rest}`}`;
}

export function mergePatch(patch: unknown): string {
  return `--type merge -p ${shellQuote(JSON.stringify(patch))}`;
}

/** A default deny for every namespace; egress keeps name resolution, without which nothing works. */
export function defaultDeny(namespaces: readonly string[], directions: readonly Direction[]): string {
  return namespaces
    .slice(0, MOST)
    .map((namespace) => denyPolicy(namespace, directions))
    .join('\n---\n');
}

function denyPolicy(namespace: string, directions: readonly Direction[]): string {
  const types = directions.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'));
  const lines = [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    `  name: default-deny-${directions.join('-')}`,
    `  namespace: ${JSON.stringify(namespace)}`,
    'spec:',
    '  podSelector: {}',
    `  policyTypes: [${types.join(', ')}]`,
  ];
  const dns = [
    '  egress:',
    '    - to:',
    '        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }',
    '          podSelector: { matchLabels: { k8s-app: kube-dns } }',
    '      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]',
  ];
  return [...lines, ...(directions.includes('egress') ? dns : [])].join('\n');
}

/** Nobody knows from here who uses the addresses: the Service is opened for an edit. */
export const EXTERNAL_IPS_FIRST = 'Find out who uses the externalIPs before you take them out of the Service.';
