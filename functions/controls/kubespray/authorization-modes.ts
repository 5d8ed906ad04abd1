import { type Assessment, bad, good, type HostView, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asBoolean, asList, settle } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-authorization-modes',
  title: 'The API server authorises with Node and RBAC, and never with AlwaysAllow',
  severity: 'CRITICAL',
  ...HARDENING,
  remediation: "Set authorization_modes: ['Node', 'RBAC'].",
  evaluate: byVariable({
    set: 'authorization_modes: [Node, RBAC]',
    hosts: 'kube_control_plane',
    judge: (view) => (usesFile(view) ? judgeAuthorizers(view) : judgeModes(view)),
    live: {
      components: ['kube-apiserver'],
      flag: 'authorization-mode',
      judge: (value, other) => {
        if (value !== undefined) return modes(value.split(','), `--authorization-mode=${value}`);
        const file = other('authorization-config');
        return file === undefined
          ? bad('always-allow', 'no --authorization-mode: AlwaysAllow, the default of the flag')
          : undecided('host-only', `--authorization-config=${file}: decided by a file on the host`);
      },
    },
  }),
});

const AUTHORIZERS = `kube_apiserver_authorization_config_authorizers:
  - { type: Node, name: node }
  - { type: RBAC, name: rbac }`;

/** Since v2.28 a structured file can replace the flag, and authorization_modes is then ignored. */
function usesFile({ host, read }: HostView): boolean {
  if (host.variables.kube_apiserver_use_authorization_config_file.state === 'unset') return false;
  const setting = read('kube_apiserver_use_authorization_config_file');
  return setting.state === 'undecided' || (setting.state === 'set' && asBoolean(setting.value) !== false);
}

function judgeAuthorizers({ read }: HostView): Assessment {
  const name = 'kube_apiserver_authorization_config_authorizers';
  return settle(
    'kube_apiserver_use_authorization_config_file',
    read('kube_apiserver_use_authorization_config_file'),
    () =>
      settle(name, read(name), (value, where) => {
        const types = Array.isArray(value) ? value.map((entry: { type?: unknown } | null) => entry?.type) : undefined;
        if (types === undefined || types.some((type) => typeof type !== 'string')) {
          return undecided('unrecognised-value', `${where} is not a list of authorizers`);
        }
        const judged = modes(types as string[], where);
        // Beside the file, authorization_modes is ignored.
        return judged.state === 'bad' ? { ...judged, set: AUTHORIZERS } : judged;
      }),
  );
}

function judgeModes({ read }: HostView): Assessment {
  return settle('authorization_modes', read('authorization_modes'), (value, where) => {
    const list = asList(value);
    return list === undefined ? undecided('unrecognised-value', `${where} is not a list`) : modes(list, where);
  });
}

function modes(list: readonly string[], where: string): Assessment {
  if (list.includes('AlwaysAllow')) return bad('always-allow', where);
  return list.includes('Node') && list.includes('RBAC')
    ? good(where)
    : bad('mode-missing', `${where} lacks Node or RBAC`);
}
