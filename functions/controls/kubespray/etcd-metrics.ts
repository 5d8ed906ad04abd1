import { type Assessment, bad, good, type HostView, undecided, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { settle, show } from './shared/judgements.ts';

/**
 * Where etcd serves its metrics: plain http without authentication, so any address but loopback exposes them.
 * etcd_listen_metrics_urls (since v2.23) works for both deployment types. Beside it, a host service reads the upper-case name out of
 * etcd_extra_vars, or listens on the address of the node where etcd_metrics_port is set; under kubeadm the entry is the flag.
 */
export default defineKubesprayControl({
  id: 'kubespray-etcd-metrics',
  title: 'etcd serves its metrics on loopback only',
  severity: 'HIGH',
  ...HARDENING,
  remediation:
    'Keep the metrics listener at 127.0.0.1, or restrict port 2381 by a host policy (kubespray-metrics-exposure).',
  evaluate: byVariable({
    set: 'etcd_listen_metrics_urls: http://127.0.0.1:2381',
    hosts: 'etcd',
    judge: metricsUrls,
    live: {
      components: ['etcd'],
      flag: 'listen-metrics-urls',
      judge: (value, other) => {
        // etcd ignores every flag beside a configuration file.
        const file = other('config-file');
        if (file !== undefined) return undecided('host-only', `etcd reads its configuration from ${file}`);
        return value === undefined
          ? good('no --listen-metrics-urls: metrics share the client port, which wants certificates')
          : urls(value, `--listen-metrics-urls=${value}`);
      },
    },
  }),
});

function metricsUrls(view: HostView): Assessment {
  const type = view.read('etcd_deployment_type');
  const direct = directUrls(view);
  if (type.state === 'set' && type.value === 'kubeadm') {
    return worstOf(direct ?? NO_ADDRESS, extraUrls(view, 'listen-metrics-urls'));
  }
  if (type.state === 'set' && type.value === 'host') {
    return worstOf(direct ?? metricsPort(view), extraUrls(view, 'ETCD_LISTEN_METRICS_URLS'));
  }
  const both = ['listen-metrics-urls', 'ETCD_LISTEN_METRICS_URLS'].map((key) => extraUrls(view, key));
  const judged = worstOf(direct ?? metricsPort(view), ...both);
  // Another deployment type, or one that cannot be read: what is open in no case is closed in this one too.
  return judged.state === 'bad' && type.state === 'undecided' ? undecided(type.reason, type.message) : judged;
}

const NO_ADDRESS = good('no variable sets a metrics address');

function directUrls(view: HostView): Assessment | undefined {
  const name = 'etcd_listen_metrics_urls';
  if (view.host.variables[name].state === 'unset') return undefined;
  const setting = view.read(name);
  return setting.state === 'nonexistent' ? undefined : settle(name, setting, urls);
}

function metricsPort(view: HostView): Assessment {
  const name = 'etcd_metrics_port';
  return settle(
    name,
    view.read(name),
    (_port, where) => bad('metrics-open', `${where}: on the address of the node`),
    () => NO_ADDRESS,
  );
}

function extraUrls(view: HostView, key: string): Assessment {
  const name = 'etcd_extra_vars';
  return settle(name, view.read(name), (value, where) => {
    const url =
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
    return url === undefined ? good(`${where} sets no ${key}`) : urls(url, where);
  });
}

function urls(value: unknown, where: string): Assessment {
  if (typeof value !== 'string')
    return undecided('unrecognised-value', `${where}: ${show(value)} is not a list of addresses`);
  const open = value
    .split(',')
    .filter((url) => !/^https?:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:|\/|$)/.test(url.trim()));
  return open.length === 0 ? good(where) : bad('metrics-open', `${open.join(', ')} in ${where}`);
}
