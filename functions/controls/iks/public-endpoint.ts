import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { word } from '#domain/shell.ts';
import { fail, pass, type Verdict } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { either, iksFact, isVpc, type ReadIks, unreadFlag, urlOf, withIks } from './cluster.ts';

const NAME = 'publicServiceEndpointEnabled';
const REBUILD =
  'OpenShift on classic infrastructure cannot be without its public endpoint: no switch exists. Rebuild the cluster on VPC, private only.';

export default defineControl({
  id: 'iks-public-endpoint',
  subject: 'iks',
  title: "The cluster's public service endpoint is disabled",
  severity: 'CRITICAL',
  basis: 'seed 000: the public service endpoint is off',
  reference: 'IBM Cloud Kubernetes Service, service endpoints',
  remediation: 'Switch the public service endpoint off, refresh the master, and replace classic workers.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  evaluate: (evidence) =>
    withIks(
      evidence,
      (cluster) => judge(evidence, cluster),
      // A public flag of a master that is coming up is bad news at once; a private one is not good news yet.
      (cluster) => {
        const verdict = judge(evidence, cluster);
        return verdict.status === 'FAIL' ? verdict : undefined;
      },
    ),
});

function judge(evidence: IksEvidence, cluster: ReadIks): Verdict {
  const { nestedPublic, flatPublic, nestedPublicUrl, flatPublicUrl } = cluster.value;
  const flag = either(nestedPublic, flatPublic);
  if (flag.state !== 'given') return unreadFlag(NAME, flag);
  const url = urlOf(nestedPublicUrl, flatPublicUrl);
  const proof = [iksFact(cluster, NAME, flag.value), iksFact(cluster, 'publicServiceEndpointURL', url)];
  if (!flag.value && url === '') return pass('the public service endpoint is off', proof);
  const message = flag.value
    ? `the public service endpoint is on${url === '' ? '' : ` at ${url}`}`
    : `the public service endpoint is off, and yet has the address ${url}`;
  const { type } = cluster.value;
  if (type.state === 'given' && type.value === 'openshift' && !isVpc(evidence))
    return fail('public-on', message, proof, { remediation: REBUILD });
  return fail(flag.value ? 'public-on' : 'public-address', message, proof, {
    fix: {
      commands: [
        `ibmcloud ks cluster master public-service-endpoint disable --cluster ${word(evidence.id)}`,
        `ibmcloud ks cluster master refresh --cluster ${word(evidence.id)}`,
        ...(isVpc(evidence) ? [] : [`ibmcloud ks worker reload --cluster ${word(evidence.id)} --worker <each worker>`]),
      ],
      fragments: [],
    },
  });
}
