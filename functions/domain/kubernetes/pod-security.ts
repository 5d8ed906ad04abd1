/**
 * What of a pod goes beyond the Pod Security Standards, in words. Reference: Kubernetes documentation, Pod Security Standards, as of v1.36.
 */
export interface PodSecurity {
  readonly beyondBaseline: readonly string[];
  /** Beyond restricted alone; what is beyond baseline is beyond it as well. */
  readonly beyondRestricted: readonly string[];
  /** Containers without a seccomp profile of their own or of the pod: the kubelet's default decides. */
  readonly withoutSeccomp: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);
const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
const RESTRICTED_VOLUMES = new Set([
  'name',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Judges the `spec` of a pod as the API server stores it. */
export function podSecurityOf(value: unknown): PodSecurity {
  const spec = fields(value);
  const pod = fields(spec['securityContext']);
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((name) => list(spec[name]));
  const isWindows = fields(spec['os'])['name'] === 'windows';
  const each = (judge: (container: Fields, context: Fields) => readonly string[]) =>
    containers.flatMap((container) =>
      judge(container, fields(container['securityContext'])).map((text) => `${String(container['name'])}: ${text}`),
    );
  return {
    beyondBaseline: [
      ...['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => spec[name] === true),
      ...list(spec['volumes'])
        .filter((volume) => volume['hostPath'] !== undefined && volume['hostPath'] !== null)
        .map((volume) => `hostPath ${String(fields(volume['hostPath'])['path'])}`),
      ...list(pod['sysctls'])
        .filter(({ name }) => !SAFE_SYSCTLS.has(String(name)))
        .map(({ name }) => `sysctl ${String(name)}`),
      ...ofContext(pod),
      ...each((container, context) => [
        ...(context['privileged'] === true ? ['privileged'] : []),
        ...added(context)
          .filter((name) => !BASELINE_CAPABILITIES.has(name))
          .map((name) => `capability ${name}`),
        ...list(container['ports'])
          .filter(({ hostPort }) => typeof hostPort === 'number' && hostPort !== 0)
          .map(({ hostPort }) => `hostPort ${String(hostPort)}`),
        ...(isGiven(context['procMount'], 'Default') ? [`procMount ${String(context['procMount'])}`] : []),
        ...ofContext(context),
      ]),
    ],
    beyondRestricted: [
      ...list(spec['volumes']).flatMap((volume) =>
        Object.keys(volume)
          .filter((type) => !RESTRICTED_VOLUMES.has(type) && type !== 'hostPath')
          .map((type) => `volume ${type}`),
      ),
      ...each((_container, context) => [
        ...(isWindows || context['allowPrivilegeEscalation'] === false
          ? []
          : ['allowPrivilegeEscalation is not false']),
        ...((context['runAsNonRoot'] ?? pod['runAsNonRoot']) === true ? [] : ['runAsNonRoot is not true']),
        ...((context['runAsUser'] ?? pod['runAsUser']) === 0 ? ['runAsUser is 0'] : []),
        ...(isWindows || texts(fields(context['capabilities'])['drop']).includes('ALL')
          ? []
          : ['capabilities are not dropped']),
        ...added(context)
          .filter((name) => BASELINE_CAPABILITIES.has(name) && name !== 'NET_BIND_SERVICE')
          .map((name) => `capability ${name}`),
        ...(isWindows || profileOf(context) !== undefined || profileOf(pod) !== undefined ? [] : ['no seccompProfile']),
      ]),
    ],
    withoutSeccomp: containers
      .filter(({ securityContext }) => {
        const context = fields(securityContext);
        return context['privileged'] !== true && profileOf(context) === undefined && profileOf(pod) === undefined;
      })
      .map(({ name }) => String(name)),
  };
}

function profileOf(context: Fields): unknown {
  return fields(context['seccompProfile'])['type'];
}

function added(context: Fields): readonly string[] {
  return texts(fields(context['capabilities'])['add']);
}

function isGiven(value: unknown, usual: string): boolean {
  return typeof value === 'string' && value !== '' && value !== usual;
}

/** What pod and container say alike. */
function ofContext(context: Fields): readonly string[] {
  const selinux = fields(context['seLinuxOptions']);
  return [
    ...(profileOf(context) === 'Unconfined' ? ['seccompProfile Unconfined'] : []),
    ...(fields(context['appArmorProfile'])['type'] === 'Unconfined' ? ['appArmorProfile Unconfined'] : []),
    ...(fields(context['windowsOptions'])['hostProcess'] === true ? ['hostProcess'] : []),
    ...(SELINUX_TYPES.has(String(selinux['type'] ?? '')) && !selinux['user'] && !selinux['role']
      ? []
      : ['seLinuxOptions']),
  ];
}
