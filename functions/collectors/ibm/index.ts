import type { ProviderPort } from '#domain/collection.ts';
import { collectAccount, type IbmCollectDependencies } from './collect.ts';
import { doctorOf } from './doctor.ts';
import { type HttpDependencies, IbmHttp } from './http.ts';
import type { IbmEndpoints, IbmOptions } from './options.ts';
import { planAccounts } from './plan.ts';
import { Tokens } from './tokens.ts';

export { permissions } from './permissions.ts';

export function createIbmProvider(
  written: IbmOptions,
  dependencies: HttpDependencies & Pick<IbmCollectDependencies, 'dial'> = {},
): ProviderPort {
  const options = { ...written, endpoints: withoutTrailingSlash(written.endpoints) };
  const http = new IbmHttp(dependencies);
  const tokens = new Tokens(http, options.endpoints, dependencies.now ?? Date.now);
  const plan = planAccounts(options, http, tokens);
  const reads: IbmCollectDependencies = {
    options,
    http,
    tokens,
    ...(dependencies.dial === undefined ? {} : { dial: dependencies.dial }),
  };
  return { plan, collect: collectAccount(reads), doctor: doctorOf(plan, reads) };
}

/** Paths are put behind the addresses, however these were written. */
function withoutTrailingSlash(endpoints: IbmEndpoints): IbmEndpoints {
  const bare = (address: string) => address.replace(/\/+$/, '');
  return {
    iam: bare(endpoints.iam),
    containers: bare(endpoints.containers),
    classic: bare(endpoints.classic),
    accounts: bare(endpoints.accounts),
    enterprise: bare(endpoints.enterprise),
    cbr: bare(endpoints.cbr),
    resourceController: bare(endpoints.resourceController),
    vpc: bare(endpoints.vpc),
  };
}
