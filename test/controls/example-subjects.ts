import { ABSENT, collected, given } from '#domain/collected.ts';
import type { Subject } from '#domain/collection.ts';
import type { Settings } from '#domain/settings.ts';
import { EXAMPLE_WORLDS } from './aks/example-worlds.ts';
import { evidenceOf } from './aks/samples.ts';
import {
  cluster,
  evidence as eks,
  group,
  NO_PROXY,
  network,
  nodeGroup,
  read,
  rule,
  template,
  withGroups,
} from './eks/builders.ts';
import { account, evidence as iks, worker } from './iks/builders.ts';
import { address, kubernetesEvidence, pod, policy, service } from './kubernetes/evidence.ts';
import { HARDENED } from './kubespray/hardened.ts';
import { liveCluster, SEED_HARDENING, scan } from './kubespray/inventories.ts';

interface ExampleSubject {
  readonly subject: Subject;
  readonly controls: Settings['controls'];
}

type Evidence = readonly [kind: Subject['kind'], evidence: unknown, controls?: Settings['controls']];

/** Evidence for examples only, where that of the properties over all controls neither passes nor fails, some with a parameter set. */
export async function exampleSubjects(): Promise<readonly ExampleSubject[]> {
  const aks = await Promise.all(
    EXAMPLE_WORLDS.map(async (change): Promise<Evidence> => ['aks', await evidenceOf(change)]),
  );
  const resource = { uid: 'u', type: 'target', provider: 'aws', account: '', region: '', name: 'n' };
  return [
    ...[...EKS, ...aks, ...IKS, ...KUBERNETES].map(([kind, evidence, controls = {}]) => ({
      subject: { kind, resource, evidence } as unknown as Subject,
      controls,
    })),
    ...(await inventories()).map((subject) => ({ subject, controls: {} })),
  ];
}

const withProxy = (setsProxy: boolean) => {
  const launchTemplate = template({ setsProxy: given(setsProxy), noProxy: given(NO_PROXY) });
  return eks({ nodeGroups: read([read(nodeGroup({ launchTemplate }))]) });
};
const PROXY = { 'eks-node-proxy': { required: true } };
const ADMINISTRATOR = 'arn:aws:iam::111111111111:role/admin';
const withAdministrator = eks({
  accessEntries: read([
    { principal: ADMINISTRATOR, policies: read([{ name: 'AmazonEKSAdminPolicy', scope: given('cluster') }]) },
  ]),
});
const administrators = (role: string) => ({ 'eks-cluster-admins': { allowed: [role] } });
const ISSUE = { code: 'SubnetNotFound', message: 'the subnet does not exist', resourceIds: ['subnet-1'] };
const balancer = {
  name: 'web',
  type: 'application',
  scheme: given('internet-facing'),
  vpcId: given('vpc-1'),
  subnetIds: ['subnet-7', 'subnet-8'],
  tags: read([{ key: 'elbv2.k8s.aws/cluster', value: 'shop' }]),
  targets: read({ instanceIds: [], addresses: [] }),
};
const ON_PREMISES = { 'eks-connected-networks': { ranges: ['10.100.0.0/16'] } };

const EKS: readonly Evidence[] = [
  ['eks', withProxy(true), PROXY],
  ['eks', withProxy(false), PROXY],
  ['eks', withAdministrator, administrators(ADMINISTRATOR)],
  ['eks', withAdministrator, administrators('arn:aws:iam::111111111111:role/other')],
  [
    'eks',
    eks({
      cluster: read(cluster({ health: given([ISSUE]) })),
      nodeGroups: read([read(nodeGroup({ instanceTypes: given(['t3.small']) }))]),
      vpcCni: { state: 'listed', configuration: read(given('{}')) },
      network: network({ loadBalancers: read({ read: 1, facing: [balancer] }) }),
    }),
    { 'eks-pod-capacity': { podsPerNode: 30 } },
  ],
  ['eks', withGroups(group('sg-cluster', [rule({ ranges: ['10.100.0.0/16'] })])), ON_PREMISES],
  ['eks', withGroups(group('sg-cluster', [rule({ ranges: ['192.168.0.0/16'] })])), ON_PREMISES],
];

const source = { api: 'containers:getCluster', at: '2026-11-01T00:00:00.000Z' };

const ZONES = collected([worker('-', ''), worker('-', '', { id: 'w2', zone: given('tok04') })], source);
const withSpanning = (enabled: boolean) =>
  iks({
    workers: ZONES,
    account: account({ privateEndpointService: collected('not-ready', source) }),
    vlanSpanning: collected({ enabled: given(enabled) }, source),
  });

const IKS: readonly Evidence[] = [
  ['iks', withSpanning(true)],
  ['iks', withSpanning(false)],
  [
    'iks',
    iks(
      {
        auditWebhook: collected({ webhook: 'none' }, source),
        loadBalancers: collected([{ id: 'public-1', type: given('public'), enabled: given(true) }], source),
        reachability: {
          state: 'configured',
          inside: collected({ connected: true, at: source.at, fresh: true, address: { told: 'no' } }, source),
          outside: collected('connected', source),
        },
      },
      { nestedPrivate: given(false) },
    ),
  ],
];

const inIstio = (...namespaces: readonly string[]) =>
  kubernetesEvidence({
    pods: inCluster([pod('shop', 'web', { 'security.istio.io/tlsMode': 'istio' })]),
    istioMeshes: inCluster([{ namespace: 'istio-system', rootNamespace: ABSENT }]),
    peerAuthentications: inCluster({ served: true, items: [] }),
    istioAuthorizations: inCluster({
      served: true,
      items: namespaces.map((namespace) => ({
        namespace,
        name: 'deny-by-default',
        selective: false,
        action: ABSENT,
        matchesEverything: false,
        rules: 0,
      })),
    }),
  });
const NO_ENCRYPTION = { 'kubernetes-encryption-in-transit': { meshRequired: true } };

const KUBERNETES: readonly Evidence[] = [
  ['kubernetes', inIstio('shop')],
  ['kubernetes', inIstio('bank')],
  [
    'kubernetes',
    kubernetesEvidence({
      networkPolicies: inCluster([]),
      daemonSets: inCluster([{ namespace: 'kube-system', name: 'kube-flannel-ds', ready: given(1), containers: [] }]),
      ciliumConfig: inCluster({ present: false, data: {} }),
      pods: inCluster([pod('shop', 'web', { app: 'web' }), pod('shop', 'agent', {}, { hostNetwork: true })]),
      staticPods: inCluster([{ name: 'kube-apiserver-cp1', component: 'kube-apiserver', command: ['kube-apiserver'] }]),
      services: inCluster([
        service('web', 'LoadBalancer', { addresses: [address('20.1.2.3')], externalIPs: ['20.1.2.3'] }),
      ]),
    }),
    NO_ENCRYPTION,
  ],
  [
    'kubernetes',
    kubernetesEvidence({
      networkPolicies: inCluster([
        policy('shop/deny-all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }),
      ]),
    }),
  ],
];

function inCluster<T>(value: T) {
  return collected(value, { api: 'list things', at: source.at });
}

/** Every hardening variable as it must not be, and as it must. */
const WRONG = `
authorization_modes: [AlwaysAllow]
kube_apiserver_request_timeout: 1h
kube_apiserver_service_account_lookup: false
tls_min_version: VersionTLS11
tls_cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]
kube_encrypt_secret_data: true
kube_encryption_resources: [configmaps]
kube_encryption_algorithm: aesgcm
kube_controller_feature_gates: [RotateKubeletServerCertificate=false]
kubelet_feature_gates: [RotateKubeletServerCertificate=false]
etcd_deployment_type: host
etcd_listen_metrics_urls: "http://0.0.0.0:2381"
kubelet_authentication_token_webhook: false
kubelet_authorization_mode_webhook: false
kubelet_config_extra_args: {authentication: {anonymous: {enabled: true}}}
kubelet_event_record_qps: -1
kubelet_make_iptables_util_chains: false
kubelet_protect_kernel_defaults: false
kube_read_only_port: 10255
kubelet_rotate_certificates: false
kubelet_streaming_connection_idle_timeout: "0s"
kube_network_plugin: flannel
kube_profiling: true
remove_anonymous_access: false
`;
const RIGHT = `
kube_apiserver_admission_control_config_file: true
kube_apiserver_enable_admission_plugins: [EventRateLimit, AlwaysPullImages, NodeRestriction]
remove_anonymous_access: true
kube_api_anonymous_auth: false
kubernetes_audit: true
kube_controller_manager_bind_address: 127.0.0.1
kube_scheduler_bind_address: 127.0.0.1
kube_encrypt_secret_data: true
kubelet_rotate_server_certificates: true
tls_min_version: VersionTLS12
tls_cipher_suites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]
`;

async function inventories(): Promise<readonly Subject[]> {
  const applied = { version: 'v2.20.0', cluster: 'live', vars: ['v.yaml'] };
  const metrics = {
    namespace: 'shop',
    name: 'prometheus-1',
    owner: 'DaemonSet prometheus',
    beyondBaseline: [],
    beyondRestricted: [],
    withoutSeccomp: [],
    scrapes: true,
  };
  const scraped = liveCluster({}, {}, { pods: [metrics] });
  const scans = [
    scan({ version: 'v2.31.0', vars: ['v.yaml'], cluster: 'live' }, { 'v.yaml': RIGHT }, scraped),
    scan({ version: 'v2.31.0', vars: ['v.yaml'] }, { 'v.yaml': WRONG }),
    scan({ version: 'v2.31.0', vars: ['v.yaml'] }, { 'v.yaml': RIGHT }),
    scan(applied, { 'v.yaml': SEED_HARDENING }, liveCluster(HARDENED)),
  ];
  return (await Promise.all(scans)).flatMap(({ subjects }) => subjects);
}
