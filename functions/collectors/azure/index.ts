import type { ProviderPort } from '#domain/collection.ts';
import { collectSubscription } from './collect.ts';
import { examine } from './doctor.ts';
import type { AzureOptions } from './options.ts';
import { planTargets } from './plan.ts';
import { SharedReadings } from './shared.ts';
import { type AzureDeps, Tenants } from './tenants.ts';

export { AzureOptionsError } from './endpoint.ts';
export { permissions } from './permissions.ts';
export type { AzureDeps } from './tenants.ts';

/** Azure as a source of targets and evidence. Throws `AzureOptionsError` for an endpoint that must not be used. */
export function createAzureProvider(options: AzureOptions, deps: AzureDeps = {}): ProviderPort {
  const tenants = new Tenants(options, deps);
  const shared = new SharedReadings(tenants);
  return {
    plan: planTargets(tenants, (tenant, scan, active) => shared.remember(tenant, scan, active)),
    collect: collectSubscription(tenants, shared),
    doctor: examine(tenants),
  };
}
