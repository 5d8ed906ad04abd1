import type { DoctorRow, ProviderPort } from '#domain/collection.ts';
import { collectAccount, type IbmCollectDependencies } from './collect.ts';
import { type HttpDependencies, IbmHttp } from './http.ts';
import type { IbmOptions } from './options.ts';
import { permissions } from './permissions.ts';
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
  const collect = collectAccount({
    options,
    http,
    tokens,
    ...(dependencies.dial === undefined ? {} : { dial: dependencies.dial }),
  });
  const doctor: ProviderPort['doctor'] = async (context) => {
    const { targets } = await plan(context);
    const rows: DoctorRow[] = [];
    for (const { target, failure, skipped } of targets) {
      if (skipped !== undefined) continue;
      const row = { provider: 'ibm', account: target.account };
      if (failure !== undefined) {
        rows.push({
          ...row,
          permission: target.id.startsWith('ibm:enterprise:') ? 'enterprise:listAccounts' : 'iam:token',
          outcome: failure.reason === 'denied' ? 'denied' : 'failed',
          detail: failure.message,
        });
        continue;
      }
      // The reads of a scan are the reads to try: what they refuse is what is missing.
      const { gaps, subjects } = await collect(target, context);
      for (const permission of permissions.filter((name) => name !== 'enterprise:listAccounts')) {
        const gap = gaps.find(({ api }) => api === permission);
        const untried =
          gap === undefined &&
          (gaps.some(({ api }) => api === 'iam:token') || (needsCluster(permission) && subjects.length < 2));
        rows.push({
          ...row,
          permission,
          outcome:
            gap === undefined ? (untried ? 'untried' : 'allowed') : gap.reason === 'denied' ? 'denied' : 'failed',
          detail: gap?.message ?? (untried ? 'nothing to try it on' : ''),
        });
      }
    }
    return rows;
  };
  return { plan, collect, doctor };
}

function needsCluster(permission: (typeof permissions)[number]): boolean {
  return permission.startsWith('containers:get')
    ? permission !== 'containers:getClusters'
    : permission === 'vpc:getSubnet' || permission === 'cbr:listRules';
}
