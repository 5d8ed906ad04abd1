import type { Status } from '#domain/verdict.ts';
import type { AwsEstate, EksSpec } from './aws/model.ts';
import type { AksSpec, AzureEstate } from './azure/model.ts';
import type { IbmAccount, IbmEstate } from './ibm/model.ts';

/** Three clouds, and what a scan of them must find: resource name, control, status, reason. */
export interface Scenario {
  readonly aws: AwsEstate;
  readonly azure: AzureEstate;
  readonly ibm: IbmEstate;
  readonly expected: readonly (readonly [resource: string, control: string, status: Status, reason: string])[];
}

/** A cluster of the scenario, to be changed between two scans. */
export function eksOf({ aws }: Scenario, name: string): EksSpec {
  return found(
    aws.accounts.flatMap(({ clusters }) => clusters).find((spec) => spec.name === name),
    name,
  );
}

export function aksOf({ azure }: Scenario, name: string): AksSpec {
  return found(
    azure.subscriptions.flatMap(({ clusters }) => clusters).find((spec) => spec.name === name),
    name,
  );
}

export function ibmAccountOf({ ibm }: Scenario, name: string): IbmAccount {
  return found(
    ibm.accounts.find((account) => account.name === name),
    name,
  );
}

function found<T>(spec: T | undefined, name: string): T {
  if (spec === undefined) throw new Error(`the scenario has no ${name}`);
  return spec;
}
