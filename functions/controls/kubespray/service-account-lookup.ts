import { good } from './assessment.ts';
import { byValue, flagRule, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge = mustBe(true, 'disabled');

export default variableControl({
  id: 'kubespray-service-account-lookup',
  title: 'Tokens of deleted service accounts are refused',
  severity: 'MEDIUM',
  remediation: 'Set kube_apiserver_service_account_lookup: true.',
  set: 'kube_apiserver_service_account_lookup: true',
  hosts: 'kube_control_plane',
  judge: byValue('kube_apiserver_service_account_lookup', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'service-account-lookup',
    judge: flagRule(judge, 'service-account-lookup', (where) => good(`${where}: upstream default true`)),
  },
});
