import { asList, byValue, flagRule, type JudgeValue } from './judgements.ts';
import { bad, good, undecided, variableControl } from './variable-control.ts';

const REQUIRED = ['EventRateLimit', 'AlwaysPullImages', 'NodeRestriction'];

const judge: JudgeValue = (value, where) => {
  const plugins = asList(value);
  if (plugins === undefined) return undecided('unrecognised-value', `${where} is no list`);
  if (plugins.includes('AlwaysAdmit')) return bad('always-admit', where);
  const missing = REQUIRED.filter((plugin) => !plugins.includes(plugin));
  return missing.length === 0 ? good(where) : bad('missing', `${missing.join(', ')} missing in ${where}`);
};

export default variableControl({
  id: 'kubespray-admission-plugins',
  title: 'EventRateLimit, AlwaysPullImages and NodeRestriction are enabled, AlwaysAdmit is not',
  severity: 'MEDIUM',
  remediation: 'Add the missing plugins to kube_apiserver_enable_admission_plugins.',
  hosts: 'kube_control_plane',
  judge: byValue('kube_apiserver_enable_admission_plugins', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'enable-admission-plugins',
    judge: flagRule(judge, 'enable-admission-plugins', (where) => bad('missing', where)),
  },
});
