export interface KubesprayInventoryOptions {
  readonly name: string;
  /** Kubespray version, e.g. v2.31.0; left out: version-dependent defaults cannot be decided. */
  readonly version?: string;
  /** Path or s3:// of the hosts file; group_vars and host_vars beside it are read. */
  readonly inventory: string;
  /** Extra-vars files in -e order, paths or s3://. */
  readonly vars: readonly string[];
  /** The variables that files vaulted as a whole hold; left out: they may hold any. */
  readonly vaulted?: readonly string[];
  /** Name of the configured kubernetes target that runs this inventory, for effect and drift. */
  readonly cluster?: string;
}

/** The `kubespray:` section of ringfence.yaml. */
export interface KubesprayOptions {
  readonly inventories: readonly KubesprayInventoryOptions[];
}
