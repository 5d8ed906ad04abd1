import type { PodView } from './model.ts';
import type { Labels } from './selector.ts';

/** The labels that Calico's selectors see on a pod. */
export function calicoLabels({ namespace, labels, serviceAccount }: PodView): Labels {
  return {
    ...labels,
    'projectcalico.org/namespace': namespace.name,
    'projectcalico.org/orchestrator': 'k8s',
    'projectcalico.org/serviceaccount': serviceAccount,
  };
}

export function calicoNamespaceLabels({ namespace }: Pick<PodView, 'namespace'>): Labels {
  return { ...namespace.labels, 'projectcalico.org/name': namespace.name };
}
