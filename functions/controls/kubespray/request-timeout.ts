import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asSeconds, byValue, flagRule, type JudgeValue } from './shared/judgements.ts';

const judge: JudgeValue = (value, where) => {
  const seconds = asSeconds(value);
  if (seconds === undefined) return undecided('unrecognised-value', `${where} is not a duration`);
  return seconds >= 60 && seconds <= 300 ? good(where) : bad('out-of-range', `${where}, outside 1m0s to 5m`);
};

export default defineKubesprayControl({
  id: 'kubespray-request-timeout',
  title: 'API requests time out between one and five minutes',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kube_apiserver_request_timeout: 120s.',
  evaluate: byVariable({
    set: 'kube_apiserver_request_timeout: 120s',
    hosts: 'kube_control_plane',
    judge: byValue('kube_apiserver_request_timeout', judge),
    live: {
      components: ['kube-apiserver'],
      flag: 'request-timeout',
      judge: flagRule(judge, 'request-timeout', (where) => good(`${where}: upstream default 1m0s`)),
    },
  }),
});
