import type { ProviderPort } from '#domain/collection.ts';
import { Accounts } from './accounts.ts';
import { collectRegion } from './collect.ts';
import { doctorAws } from './doctor.ts';
import type { AwsOptions } from './options.ts';
import { Pacers } from './pacing.ts';
import { planRegions } from './plan.ts';
import { type AwsDependencies, AwsSession } from './session.ts';

export { permissions, scannerPermissions } from './permissions.ts';

/** A quarter of EC2's documented bucket: the account's own work keeps the rest. */
const RATE_FRACTION = 0.25;

/** AWS: `homeRegion` is where STS, Organizations and the list of regions are asked; it must be enabled. */
export function createAwsProvider(
  options: AwsOptions,
  dependencies: AwsDependencies & { readonly homeRegion?: string } = {},
): ProviderPort {
  const homeRegion =
    dependencies.homeRegion ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const session = new AwsSession(homeRegion, dependencies);
  const accounts = new Accounts(session, options);
  const plan = planRegions(options, session, accounts);
  return {
    plan,
    collect: collectRegion({
      session,
      accounts,
      pacers: new Pacers(options.rateFraction ?? RATE_FRACTION),
      // With an organization every account may be entered that has the role; STS has the last word.
      administrators: options.administrators ?? true,
      inScope: (account) =>
        options.roleName !== undefined && (options.organization === true || (options.accounts ?? []).includes(account)),
    }),
    doctor: doctorAws(plan, session, accounts),
  };
}
