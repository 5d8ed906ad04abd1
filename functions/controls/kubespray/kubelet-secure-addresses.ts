import { coversAll } from '#domain/net/cidr.ts';
import { type Assessment, bad, good, type HostView, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asBoolean, asList, settle } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-secure-addresses',
  title: 'The addresses that may reach a kubelet are listed, and are not everybody',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation:
    'List the control plane addresses (and the pod network where Prometheus scrapes kubelets) in kubelet_secure_addresses.',
  evaluate: byVariable({
    set: 'kubelet_systemd_hardening: true\nkubelet_secure_addresses: "localhost link-local {{ kube_pods_subnet }} <address of each node>"',
    hosts: 'k8s_cluster',
    judge: (view) =>
      settle('kubelet_systemd_hardening', view.read('kubelet_systemd_hardening'), (value, where) =>
        asBoolean(value) === true ? addresses(view) : bad('no-effect', `${where}: the list has no effect without it`),
      ),
  }),
});

function addresses({ host, read, version }: HostView): Assessment {
  // Every release computes a list of the cluster's own addresses when none is given; what exactly differs, that it is closed does not.
  if (host.variables.kubelet_secure_addresses.state === 'unset') {
    return version === undefined
      ? undecided('version-unknown', 'kubelet_secure_addresses is computed, and how depends on the release')
      : good(`kubelet_secure_addresses: computed from the inventory by ${version.text}`);
  }
  return settle('kubelet_secure_addresses', read('kubelet_secure_addresses'), (value, where) => {
    const list = asList(value);
    if (list === undefined || list.length === 0)
      return undecided('unrecognised-value', `${where} is not a list of addresses`);
    const ranges = list.filter((entry) => entry !== 'any' && entry.includes('/'));
    const everybody = list.includes('any') || coversAll(ranges, 'ipv4') || coversAll(ranges, 'ipv6');
    return everybody ? bad('everybody', where) : good(where);
  });
}
