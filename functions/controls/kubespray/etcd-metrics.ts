import { settle, show } from './judgements.ts';
import type { Finding, HostView } from './variable-control.ts';
import { bad, good, undecided, variableControl } from './variable-control.ts';

/**
 * Where etcd serves its metrics: plain http without authentication, so any address but loopback exposes them.
 * With `etcd_deployment_type: host` the key under etcd_extra_vars lands in an environment file under a name that etcd does not read, so it
 * changes nothing there; etcd_listen_metrics_urls (since v2.23) works for both types.
 */
export default variableControl({
  id: 'kubespray-etcd-metrics',
  title: 'etcd serves its metrics on loopback only',
  severity: 'HIGH',
  remediation:
    'Keep the metrics listener at 127.0.0.1, or restrict port 2381 by a host policy (kubespray-metrics-exposure).',
  hosts: 'etcd',
  judge: metricsUrls,
  live: {
    components: ['etcd'],
    flag: 'listen-metrics-urls',
    judge: (value) =>
      value === undefined
        ? good('no --listen-metrics-urls: metrics share the client port, which wants certificates')
        : urls(value, `--listen-metrics-urls=${value}`),
  },
});

function metricsUrls(view: HostView): Finding {
  const direct =
    view.host.variables.etcd_listen_metrics_urls.state === 'unset' ? undefined : view.read('etcd_listen_metrics_urls');
  if (direct !== undefined && direct.state !== 'nonexistent') {
    return settle('etcd_listen_metrics_urls', direct, urls, (where) => good(where));
  }
  const extra = view.read('etcd_extra_vars');
  return settle('etcd_extra_vars', extra, (value, where) => {
    const url =
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)['listen-metrics-urls']
        : undefined;
    if (url === undefined) return good(`${where} sets no metrics address`);
    const deployment = view.read('etcd_deployment_type');
    if (deployment.state === 'set' && deployment.value === 'host') {
      return good(`${where}: without effect, etcd runs as a host service (${deployment.where})`);
    }
    return urls(url, where);
  });
}

function urls(value: unknown, where: string): Finding {
  if (typeof value !== 'string')
    return undecided('unrecognised-value', `${where}: ${show(value)} is no list of addresses`);
  const open = value
    .split(',')
    .filter((url) => !/^https?:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:|\/|$)/.test(url.trim()));
  return open.length === 0 ? good(where) : bad('metrics-open', `${open.join(', ')} in ${where}`);
}
