import { word } from '#domain/shell.ts';
import { fail, pass, unknown } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { either, iksFact, isVpc, unreadFlag, urlOf, withIks } from './cluster.ts';
import { hostKind } from './host.ts';

const NAME = 'privateServiceEndpointEnabled';

export default defineControl({
  id: 'iks-private-endpoint',
  subject: 'iks',
  title: "The cluster's master has a private service endpoint",
  severity: 'HIGH',
  basis: 'seed 000: the private service endpoint is on',
  reference: 'IBM Cloud Kubernetes Service, service endpoints',
  remediation: 'Switch the private service endpoint on, then refresh the master.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  evaluate: (evidence) =>
    withIks(evidence, (cluster) => {
      const { nestedPrivate, flatPrivate, nestedPrivateUrl, flatPrivateUrl } = cluster.value;
      const flag = either(nestedPrivate, flatPrivate);
      if (flag.state !== 'given') return unreadFlag(NAME, flag);
      const url = urlOf(nestedPrivateUrl, flatPrivateUrl);
      const proof = [iksFact(cluster, NAME, flag.value), iksFact(cluster, 'privateServiceEndpointURL', url)];
      if (!flag.value) {
        // A VPC cluster always has one: the flag contradicts its own provider.
        if (isVpc(evidence))
          return unknown('conflicting-fields', 'a VPC cluster cannot be without its private endpoint', proof);
        return fail('private-off', 'the private service endpoint is off', proof, {
          fix: {
            commands: [
              `ibmcloud ks cluster master private-service-endpoint enable --cluster ${word(evidence.id)}`,
              `ibmcloud ks cluster master refresh --cluster ${word(evidence.id)}`,
            ],
            fragments: [],
          },
        });
      }
      const kind = hostKind(url);
      if (kind === 'private') return pass('the private service endpoint is on', proof);
      if (kind === 'empty')
        return unknown('conflicting-fields', 'the private endpoint is on, and has no address', proof);
      return unknown(
        kind === 'malformed' ? 'malformed-answer' : kind === 'public' ? 'conflicting-fields' : 'unrecognised-value',
        `the private endpoint is on, and its address ${url} is ${kind}`,
        proof,
      );
    }),
});
