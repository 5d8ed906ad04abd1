import { type Assessment, good, type HostView, worstOf } from './assessment.ts';
import { settle } from './judgements.ts';
import { extraArgument } from './overrides.ts';

const DISABLED = 'kube_apiserver_disable_admission_plugins';

/** What the inventory switches off, by its variable or past it. */
export function disabledPlugins(view: HostView, judge: (value: unknown, where: string) => Assessment): Assessment {
  const setting = view.read(DISABLED);
  // As with every override: a vaulted password file is not supposed to hold it.
  const isSilent = setting.state === 'undecided' && setting.isSealed === true;
  const own = isSilent ? good(`no file that can be read sets ${DISABLED}`) : settle(DISABLED, setting, judge);
  const extra = extraArgument(view, 'kube-apiserver', 'disable-admission-plugins');
  if (extra.state === 'silent') return own;
  return worstOf(
    own,
    extra.state === 'given'
      ? judge(extra.value, `--disable-admission-plugins=${extra.value} (${extra.where})`)
      : extra.assessment,
  );
}
