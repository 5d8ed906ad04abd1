import type { Namespace, PodView } from './model.ts';
import { compileSelector, describeSelector, isUniversal, type LabelSelector, type Labels } from './selector.ts';
import { selectorOf } from './selector-validation.ts';

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.';
const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

export interface CiliumSelector {
  /** Selects every pod of its scope. */
  readonly universal: boolean;
  /** Not bound to a namespace, by the policy or by the selector. */
  readonly clusterWide: boolean;
  /** Whether it selects every pod of the namespace: it asks for nothing but the namespace. */
  readonly covers: (namespace: Namespace) => boolean;
  readonly namespace?: string;
  readonly matches: (pod: PodView) => boolean;
  readonly words: string;
}

/**
 * A Cilium endpoint selector: a label selector over the pod's labels and those that Cilium adds (namespace, the namespace's labels,
 * service account), keys with the prefix `k8s:` or `any:` or none. In a namespaced policy it selects in the policy's namespace,
 * unless it names a namespace itself.
 */
export function ciliumSelector(value: unknown, own: string): CiliumSelector {
  const selector = withoutPrefixes(selectorOf(value));
  const matchesLabels = compileSelector(selector);
  const namesNamespace = keysOf(selector).some(isNamespaceKey);
  const bound = own !== '' && !namesNamespace;
  const only = bound ? own : selector.matchLabels?.[NAMESPACE];
  const described = describeSelector(selector);
  const matches = (pod: PodView) => (!bound || pod.namespace.name === own) && matchesLabels(ciliumLabels(pod));
  const asksForNamespaces = keysOf(selector).every(isNamespaceKey);
  return {
    universal: isUniversal(selector),
    clusterWide: !bound,
    ...(only === undefined ? {} : { namespace: only }),
    matches,
    covers: (namespace) => asksForNamespaces && matches({ namespace, labels: {}, serviceAccount: '' }),
    words: `${bound ? own : '[all namespaces]'}/${described === '' ? '[all pods]' : `[pods with ${described}]`}`,
  };
}

/** A label selector over the labels of an object that is not a pod. */
export function ciliumLabelMatch(value: unknown): (labels: Labels) => boolean {
  return compileSelector(withoutPrefixes(selectorOf(value)));
}

function isNamespaceKey(key: string): boolean {
  return key === NAMESPACE || key.startsWith(NAMESPACE_LABEL);
}

function ciliumLabels({ namespace, labels, serviceAccount }: PodView): Labels {
  return {
    ...labels,
    ...Object.fromEntries(Object.entries(namespace.labels).map(([key, value]) => [`${NAMESPACE_LABEL}${key}`, value])),
    [NAMESPACE]: namespace.name,
    [SERVICE_ACCOUNT]: serviceAccount,
  };
}

function keysOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
}

/** Keys of another source (`reserved:`, `container:`) stay as they are and match no pod. */
function withoutPrefixes({ matchLabels = {}, matchExpressions = [] }: LabelSelector): LabelSelector {
  const bare = (key: string) => key.replace(/^(k8s|any)[:.]/, '');
  return {
    matchLabels: Object.fromEntries(Object.entries(matchLabels).map(([key, value]) => [bare(key), value])),
    matchExpressions: matchExpressions.map((expression) => ({ ...expression, key: bare(expression.key) })),
  };
}
