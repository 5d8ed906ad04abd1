import type { AwsOptions } from '#collectors/aws/options.ts';
import type { AzureOptions, AzureTenantOptions } from '#collectors/azure/options.ts';
import type { IbmOptions } from '#collectors/ibm/options.ts';
import type { KubernetesOptions } from '#collectors/kubernetes/options.ts';
import type { KubesprayOptions } from '#collectors/kubespray/options.ts';
import type { AlertSettings } from '#domain/alerting.ts';
import type { Exception } from '#domain/finding.ts';
import type { Settings } from '#domain/settings.ts';
import type { Provider } from '#domain/target.ts';

interface OptionsOf {
  aws: AwsOptions;
  azure: AzureOptions;
  ibm: IbmOptions;
  kubernetes: KubernetesOptions;
  kubespray: KubesprayOptions;
}

/** Of the providers that are configured. */
type ProviderOptions = { readonly [P in Provider]?: OptionsOf[P] };

/** ringfence.yaml after validation, with every `${env:...}`, `${secret:...}` and file reference resolved. Never logged, never stored. */
export interface ResolvedConfig extends Settings, ProviderOptions {
  /** The cloud's clusters that are kubernetes targets too: the cloud's own scan joins their verdicts, and needs no credential of theirs. */
  readonly readInside: readonly { readonly cluster: string; readonly target: string }[];
  /** The federated tenant whose identity opens AKS clusters from inside: it needs no secret, so that this function is given none of Azure's. */
  readonly federatedTenant?: AzureTenantOptions;
  readonly alerts: AlertSettings;
  readonly exceptions: readonly Exception[];
}
