import { KUBESPRAY_VARIABLES, type KubesprayVariable } from '../evidence/kubespray.ts';
import { defaultOf } from './defaults.ts';
import { isAtLeast, type KubesprayVersion } from './version.ts';

/**
 * Role defaults of variables that inventories refer to without hardening anything by them, the same in the tags v2.19.0 to v2.31.0 and in
 * master of github.com/kubernetes-sigs/kubespray on 2026-08-21. Texts may be templates themselves.
 */
const REFERENCED: Readonly<Record<string, unknown>> = {
  bin_dir: '/usr/local/bin',
  cluster_name: 'cluster.local',
  dns_domain: '{{ cluster_name }}',
  etcd_cert_dir: '{{ etcd_config_dir }}/ssl',
  etcd_config_dir: '/etc/ssl/etcd',
  etcd_data_dir: '/var/lib/etcd',
  kube_apiserver_port: 6443,
  kube_cert_dir: '{{ kube_config_dir }}/ssl',
  kube_config_dir: '/etc/kubernetes',
  kube_log_level: 2,
  kube_manifest_dir: '{{ kube_config_dir }}/manifests',
  kube_network_node_prefix: 24,
  kube_script_dir: '{{ bin_dir }}/kubernetes-scripts',
  kube_service_addresses: '10.233.0.0/18',
  kube_token_dir: '{{ kube_config_dir }}/tokens',
  local_release_dir: '/tmp/releases',
  nodelocaldns_ip: '169.254.25.10',
};

/** Since this release both families stand in one comma-separated text, of which the IPv4 part is alone unless IPv6 is switched on. */
const SUBNETS_SINCE = 'v2.28.0';
const SUBNETS: Readonly<Record<string, string>> = {
  kube_pods_subnets: '{{ kube_pods_subnet }}',
  kube_service_subnets: '{{ kube_service_addresses }}',
};

/** Names that begin so are Kubespray's own, and may have a role default that is not listed here. */
const OWN =
  /^(kube|etcd|calico|cilium|flannel|containerd|docker|crio|cri|coredns|dns|nodelocaldns|helm|metrics_server|ingress|cert_manager|metallb|local_|registry|download|loadbalancer_apiserver|apiserver|cloud_provider|external_|container_manager|ipv[46]_stack|enable_|skydns|upstream_dns|credentials_dir|audit_|tls_|authorization_|remove_|bin_dir|cluster_name|ansible_|inventory_|groups?\b|hostvars|play|omit)/;

export type Reference =
  | { readonly state: 'value'; readonly value: unknown }
  /** Nobody but the inventory could set it. */
  | { readonly state: 'undefined' }
  | { readonly state: 'unknown' };

/** What a name is that no file of the inventory sets. */
export function referencedDefault(
  name: string,
  version: KubesprayVersion | undefined,
  isSet: (name: string) => boolean,
): Reference {
  if (Object.hasOwn(REFERENCED, name)) return { state: 'value', value: REFERENCED[name] };
  if (Object.hasOwn(SUBNETS, name)) {
    const isPlain = !['ipv4_stack', 'ipv6_stack', 'enable_dual_stack_networks'].some(isSet);
    return version !== undefined && isAtLeast(version, SUBNETS_SINCE) && isPlain
      ? { state: 'value', value: SUBNETS[name] }
      : { state: 'unknown' };
  }
  if (isVariable(name)) {
    const builtin = defaultOf(name, version);
    if (builtin.state === 'value') return builtin;
    // Without a role default the name is not defined in a template.
    return builtin.state === 'left-out' ? { state: 'undefined' } : { state: 'unknown' };
  }
  return OWN.test(name) ? { state: 'unknown' } : { state: 'undefined' };
}

function isVariable(name: string): name is KubesprayVariable {
  return (KUBESPRAY_VARIABLES as readonly string[]).includes(name);
}
