export type KubernetesClusterOptions =
  | {
      readonly name: string;
      readonly server: string;
      readonly token?: string;
      /** PEM text. */
      readonly ca?: string;
      readonly clientCertificate?: string;
      readonly clientKey?: string;
      /** Uid of the cloud's cluster, which the findings then belong to. */
      readonly cluster?: string;
    }
  | { readonly name: string; readonly context: string; readonly kubeconfig?: string; readonly cluster?: string };

/** The `kubernetes:` section of ringfence.yaml after secrets and files were resolved. */
export interface KubernetesOptions {
  readonly clusters: readonly KubernetesClusterOptions[];
}
