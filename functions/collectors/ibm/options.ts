export interface IbmAccountOptions {
  readonly id: string;
  readonly apiKey: string;
  /** With it the key's identity assumes this trusted profile in the account. */
  readonly profileId?: string;
  /** Fewer visible clusters than this cost coverage: an empty list may be a missing grant. */
  readonly minimumClusters?: number;
}

export interface IbmEndpoints {
  readonly iam: string;
  readonly containers: string;
  readonly classic: string;
  readonly accounts: string;
  readonly enterprise: string;
  readonly cbr: string;
  readonly resourceController: string;
  /** `{region}` is replaced; a loopback URL may lack it. */
  readonly vpc: string;
}

export interface IbmAttestationOptions {
  readonly account: string;
  /** Text of `ibmcloud account show`, already read. */
  readonly text: string;
  readonly author: string;
  readonly date: string;
  readonly expires: string;
}

export interface IbmProbeOptions {
  readonly cluster: string;
  /** The probe's JSON result, already read. */
  readonly result: string;
}

/** The `ibm:` section of ringfence.yaml after secrets and files were resolved. */
export interface IbmOptions {
  readonly accounts: readonly IbmAccountOptions[];
  readonly endpoints: IbmEndpoints;
  readonly enterprise?: { readonly id: string; readonly apiKey: string };
  readonly attestations: readonly IbmAttestationOptions[];
  readonly probes: readonly IbmProbeOptions[];
}
