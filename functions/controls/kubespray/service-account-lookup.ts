import { good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, flagRule, mustBe } from './shared/judgements.ts';

const judge = mustBe(true, 'disabled');

export default defineKubesprayControl({
  id: 'kubespray-service-account-lookup',
  title: 'Tokens of deleted service accounts are refused',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set kube_apiserver_service_account_lookup: true.',
  evaluate: byVariable({
    set: 'kube_apiserver_service_account_lookup: true',
    hosts: 'kube_control_plane',
    judge: byValue('kube_apiserver_service_account_lookup', judge),
    live: {
      components: ['kube-apiserver'],
      flag: 'service-account-lookup',
      judge: flagRule(judge, 'service-account-lookup', (where) => good(`${where}: upstream default true`)),
    },
  }),
});
