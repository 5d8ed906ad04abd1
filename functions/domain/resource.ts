import type { Provider } from './target.ts';

export type ResourceType =
  | 'aws.eks.cluster'
  | 'azure.aks.cluster'
  | 'ibm.iks.cluster'
  | 'ibm.account'
  | 'kubernetes.cluster'
  | 'kubespray.inventory'
  | 'target';

/** What a finding is about. `uid` is stable and unique over all providers (catalogue, "Resources"). */
export interface Resource {
  readonly uid: string;
  readonly type: ResourceType;
  readonly provider: Provider;
  readonly account: string;
  readonly region: string;
  readonly name: string;
}
