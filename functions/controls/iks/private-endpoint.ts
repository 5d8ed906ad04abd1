import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknown } from '#domain/verdict.ts';
import { addressesOf, either, iksFact, infrastructureOf, oddAddress, unreadFlag } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith, refreshMaster } from './shared/fix.ts';

const NAME = 'privateServiceEndpointEnabled';

export default defineIksControl({
  id: 'iks-private-endpoint',
  title: "The cluster's master has a private service endpoint",
  severity: 'HIGH',
  basis: 'seed 000: the private service endpoint is on',
  reference: 'IBM Cloud Kubernetes Service, service endpoints',
  remediation: 'Switch the private service endpoint on, then refresh the master.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  defaults: iksDefaults('cluster.nestedPrivate', 'cluster.flatPrivate'),
  evaluate(subject) {
    const { evidence } = subject;
    const { nestedPrivate, flatPrivate, nestedPrivateUrl, flatPrivateUrl } = subject.cluster;
    const flag = either(nestedPrivate, flatPrivate);
    if (flag.state !== 'given') return unreadFlag(NAME, flag);
    const addresses = addressesOf(nestedPrivateUrl, flatPrivateUrl);
    const urls = [...new Set(addresses.map(({ url }) => url))].join(', ');
    const proof = [iksFact(subject, NAME, flag.value), iksFact(subject, 'privateServiceEndpointURL', urls)];
    if (!flag.value) {
      const infrastructure = infrastructureOf(evidence);
      // A VPC cluster always has one: the flag contradicts its own provider.
      if (infrastructure === 'vpc')
        return unknown('conflicting-fields', 'a VPC cluster cannot be without its private endpoint', proof);
      if (infrastructure !== 'classic')
        return unknown(
          'conflicting-fields',
          'whether this is a VPC cluster, which cannot be without one, is not known',
          proof,
        );
      return fail(
        'private-off',
        'the private service endpoint is off',
        proof,
        fixWith(
          `ibmcloud ks cluster master private-service-endpoint enable --cluster ${shellQuote(evidence.id)}`,
          refreshMaster(evidence),
        ),
      );
    }
    if (addresses.length === 0)
      return unknown('conflicting-fields', 'the private endpoint is on, and has no address', proof);
    const odd = addresses.find(({ kind }) => kind !== 'private');
    if (odd === undefined) return pass('the private service endpoint is on', proof);
    if (odd.kind === 'public')
      return unknown('conflicting-fields', `the private endpoint is on, and its address ${odd.url} is public`, proof);
    return { ...oddAddress('privateServiceEndpointURL', odd), proof };
  },
});
