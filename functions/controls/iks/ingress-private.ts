import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith } from './shared/fix.ts';

export default defineIksControl({
  id: 'iks-ingress-private',
  title: 'No public application load balancer is enabled',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 000: the cluster is used over the private network only',
  reference: 'IBM Cloud Kubernetes Service, application load balancers',
  remediation:
    'Disable the public application load balancers. LoadBalancer Services beside them are seen only from inside the cluster.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster', 'containers:getAlbs'],
  evaluate({ evidence }) {
    const { loadBalancers } = evidence;
    if (loadBalancers.state === 'unavailable') return unknownBecause(loadBalancers);
    const proof = loadBalancers.value.map(
      ({ id, type, enabled }): Proof => ({
        kind: 'fact',
        line: `${id}: ${describe(type)}, enabled ${describe(enabled)}`,
        source: loadBalancers.source,
      }),
    );
    const open = loadBalancers.value.filter(
      ({ type, enabled }) =>
        type.state === 'given' && type.value === 'public' && enabled.state === 'given' && enabled.value,
    );
    if (open.length > 0) {
      return fail(
        'public-alb',
        `public load balancer ${open.map(({ id }) => id).join(', ')} is enabled`,
        proof,
        fixWith(
          ...open.map(
            ({ id }) => `ibmcloud ks ingress alb disable --alb ${shellQuote(id)} --cluster ${shellQuote(evidence.id)}`,
          ),
        ),
      );
    }
    for (const { id, type, enabled } of loadBalancers.value) {
      if (type.state !== 'given')
        return unknown(
          type.state === 'absent' ? 'absent-field' : 'malformed-answer',
          `${id} does not tell its type`,
          proof,
        );
      if (type.value !== 'public' && type.value !== 'private')
        return unknown('unrecognised-value', `${id} is of type ${type.value}`, proof);
      if (enabled.state !== 'given' && type.value === 'public')
        return unknown(
          enabled.state === 'absent' ? 'absent-field' : 'malformed-answer',
          `${id} does not tell whether it is enabled`,
          proof,
        );
    }
    return pass('no public application load balancer is enabled', [
      ...proof,
      {
        kind: 'fact',
        line: `${loadBalancers.value.length} load balancers were listed`,
        source: loadBalancers.source,
      },
    ]);
  },
});

function describe(field: { readonly state: string; readonly value?: unknown }): string {
  return field.state === 'given' ? String(field.value) : field.state;
}
