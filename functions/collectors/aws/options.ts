/** The `aws:` section of ringfence.yaml after `${env:...}` and `${secret:...}` were resolved. */
export interface AwsOptions {
  readonly organization?: boolean;
  readonly accounts?: readonly string[];
  /** Role to assume in each account. Without organization, accounts and roleName the caller's own account is scanned. */
  readonly roleName?: string;
  readonly externalId?: string;
  readonly regions: 'all' | readonly string[];
  /** Organizational unit ids; children included. */
  readonly organizationalUnits?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  /** Share of EC2's documented request bucket that a scan may use. */
  readonly rateFraction?: number;
  /** False: nobody judges who administers the clusters, so access entries are not asked for. */
  readonly administrators?: boolean;
}
