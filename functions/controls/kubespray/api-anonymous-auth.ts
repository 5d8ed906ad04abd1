import { bad, type HostView, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asBoolean, byValue, flagRule, mustBe } from './shared/judgements.ts';

const judge = mustBe(false, 'anonymous', 'INFORMATIONAL');

export default defineKubesprayControl({
  id: 'kubespray-api-anonymous-auth',
  title: 'The API server refuses anonymous requests',
  severity: 'INFORMATIONAL',
  ...HARDENING,
  remediation:
    'Set kube_api_anonymous_auth: false where nothing needs anonymous health checks; with RBAC the project considers true safe.',
  evaluate: byVariable({
    set: 'kube_api_anonymous_auth: false',
    hosts: 'kube_control_plane',
    judge: (view) =>
      usesFile(view)
        ? undecided('host-only', 'anonymous access is decided by the authentication configuration file')
        : byValue('kube_api_anonymous_auth', judge)(view),
    live: {
      components: ['kube-apiserver'],
      flag: 'anonymous-auth',
      judge: (value, other) => {
        const file = other('authentication-config');
        return value === undefined && file !== undefined
          ? undecided('host-only', `--authentication-config=${file}: decided by a file on the host`)
          : flagRule(judge, 'anonymous-auth', (where) => bad('anonymous', `${where}: upstream default true`))(value);
      },
    },
  }),
});

/** Since v2.31 a file can replace the flag. */
function usesFile({ host, read }: HostView): boolean {
  if (host.variables.kube_apiserver_use_authentication_config_file.state === 'unset') return false;
  const setting = read('kube_apiserver_use_authentication_config_file');
  return setting.state === 'undecided' || (setting.state === 'set' && asBoolean(setting.value) !== false);
}
