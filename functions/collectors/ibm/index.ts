import type { ProviderPort } from '#domain/collection.ts';
import { collectAccount, type IbmCollectDependencies } from './collect.ts';
import { doctorOf } from './doctor.ts';
import { type HttpDependencies, IbmHttp } from './http.ts';
import type { IbmOptions } from './options.ts';
import { planAccounts } from './plan.ts';
import { Tokens } from './tokens.ts';

export { permissions } from './permissions.ts';

export function createIbmProvider(
  options: IbmOptions,
  dependencies: HttpDependencies & Pick<IbmCollectDependencies, 'dial'> = {},
): ProviderPort {
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
