import type { Control } from '#domain/control.ts';
import admissionConfigFile from '../admission-config-file.ts';
import admissionPlugins from '../admission-plugins.ts';
import anonymousAccess from '../anonymous-access.ts';
import apiAnonymousAuth from '../api-anonymous-auth.ts';
import audit from '../audit.ts';
import auditLogMaxAge from '../audit-log-max-age.ts';
import auditLogMaxBackups from '../audit-log-max-backups.ts';
import auditLogMaxSize from '../audit-log-max-size.ts';
import auditLogPath from '../audit-log-path.ts';
import authorizationModes from '../authorization-modes.ts';
import bindAddresses from '../bind-addresses.ts';
import controllerFeatureGates from '../controller-feature-gates.ts';
import encryptionAlgorithm from '../encryption-algorithm.ts';
import encryptionResources from '../encryption-resources.ts';
import etcdDeployment from '../etcd-deployment.ts';
import etcdMetrics from '../etcd-metrics.ts';
import eventRateLimits from '../event-rate-limits.ts';
import fileOwners from '../file-owners.ts';
import kubeletAnonymous from '../kubelet-anonymous.ts';
import kubeletAuthentication from '../kubelet-authentication.ts';
import kubeletAuthorization from '../kubelet-authorization.ts';
import kubeletEventRecordQps from '../kubelet-event-record-qps.ts';
import kubeletFeatureGates from '../kubelet-feature-gates.ts';
import kubeletIptablesUtilChains from '../kubelet-iptables-util-chains.ts';
import kubeletProtectKernelDefaults from '../kubelet-protect-kernel-defaults.ts';
import kubeletReadOnlyPort from '../kubelet-read-only-port.ts';
import kubeletRotateCertificates from '../kubelet-rotate-certificates.ts';
import kubeletRotateServerCertificates from '../kubelet-rotate-server-certificates.ts';
import kubeletSeccompDefault from '../kubelet-seccomp-default.ts';
import kubeletSecureAddresses from '../kubelet-secure-addresses.ts';
import kubeletStreamingIdleTimeout from '../kubelet-streaming-idle-timeout.ts';
import kubeletSystemdHardening from '../kubelet-systemd-hardening.ts';
import networkPlugin from '../network-plugin.ts';
import podSecurity from '../pod-security.ts';
import profiling from '../profiling.ts';
import requestTimeout from '../request-timeout.ts';
import schedulerProfiling from '../scheduler-profiling.ts';
import secretEncryption from '../secret-encryption.ts';
import serviceAccountLookup from '../service-account-lookup.ts';
import terminatedPodGc from '../terminated-pod-gc.ts';
import tlsCipherSuites from '../tls-cipher-suites.ts';
import tlsMinVersion from '../tls-min-version.ts';

/** The controls over single variables, which the comparison of inventory and live cluster goes through. */
export const variableControls: readonly Control<'kubespray'>[] = [
  admissionConfigFile,
  admissionPlugins,
  anonymousAccess,
  apiAnonymousAuth,
  audit,
  auditLogMaxAge,
  auditLogMaxBackups,
  auditLogMaxSize,
  auditLogPath,
  authorizationModes,
  bindAddresses,
  controllerFeatureGates,
  encryptionAlgorithm,
  encryptionResources,
  etcdDeployment,
  etcdMetrics,
  eventRateLimits,
  fileOwners,
  kubeletAnonymous,
  kubeletAuthentication,
  kubeletAuthorization,
  kubeletEventRecordQps,
  kubeletFeatureGates,
  kubeletIptablesUtilChains,
  kubeletProtectKernelDefaults,
  kubeletReadOnlyPort,
  kubeletRotateCertificates,
  kubeletRotateServerCertificates,
  kubeletSeccompDefault,
  kubeletSecureAddresses,
  kubeletStreamingIdleTimeout,
  kubeletSystemdHardening,
  networkPlugin,
  podSecurity,
  profiling,
  requestTimeout,
  schedulerProfiling,
  secretEncryption,
  serviceAccountLookup,
  terminatedPodGc,
  tlsCipherSuites,
  tlsMinVersion,
];
