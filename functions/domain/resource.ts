import type { ProviderResourceType } from './provider-facts.ts';
import type { Provider } from './target.ts';

/** `target`: what coverage is about. */
export type ResourceType = ProviderResourceType | 'target';

/** What a finding is about. `uid` is stable and unique over all providers (catalogue, "Resources"). */
export interface Resource {
  readonly uid: string;
  readonly type: ResourceType;
  readonly provider: Provider;
  readonly account: string;
  readonly region: string;
  readonly name: string;
}
