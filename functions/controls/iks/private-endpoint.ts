import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknown } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { addressesOf, either, iksFact, isVpc, oddAddress, unreadFlag, withIks } from './cluster.ts';
import { fixWith, refreshMaster } from './fix.ts';

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
      const addresses = addressesOf(nestedPrivateUrl, flatPrivateUrl);
      const urls = [...new Set(addresses.map(({ url }) => url))].join(', ');
      const proof = [iksFact(cluster, NAME, flag.value), iksFact(cluster, 'privateServiceEndpointURL', urls)];
      if (!flag.value) {
        // A VPC cluster always has one: the flag contradicts its own provider.
        if (isVpc(evidence))
          return unknown('conflicting-fields', 'a VPC cluster cannot be without its private endpoint', proof);
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
    }),
});
