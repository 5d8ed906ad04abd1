import { fail, type Proof, pass, unknownBecause } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { withIks } from './cluster.ts';

export default defineControl({
  id: 'iks-context-restrictions',
  subject: 'iks',
  title: 'Context-based restrictions narrow who reaches the endpoint',
  severity: 'LOW',
  basis: 'seed 000: the endpoint is reached from the own network only',
  reference: 'IBM Cloud context-based restrictions, containers-kubernetes',
  remediation:
    'Create a context-based restriction for the cluster API of containers-kubernetes with the network zones that may reach it. It adds to a disabled public endpoint and does not replace it.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster', 'cbr:listRules'],
  evaluate: (evidence) =>
    withIks(evidence, () => {
      const { restrictions } = evidence;
      if (restrictions.state === 'unavailable') return unknownBecause(restrictions);
      const proof = restrictions.value.map(
        ({ id, enforcement, coversClusterApi }): Proof => ({
          kind: 'fact',
          line: `rule ${id}: ${enforcement}, ${coversClusterApi ? 'covers' : 'does not cover'} the cluster API`,
          source: restrictions.source,
        }),
      );
      const holding = restrictions.value.filter(
        ({ enforcement, coversClusterApi }) => enforcement === 'enabled' && coversClusterApi,
      );
      if (holding.length > 0) return pass(`rule ${holding.map(({ id }) => id).join(', ')} is enforced`, proof);
      return fail(
        'missing',
        restrictions.value.length === 0
          ? 'no context-based restriction names the service'
          : 'no enforced rule covers the cluster API',
        proof,
      );
    }),
});
