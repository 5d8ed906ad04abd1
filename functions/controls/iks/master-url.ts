import { fail, pass, unknown } from '#domain/verdict.ts';
import { addressesOf, iksFact, oddAddress } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith, refreshMaster } from './shared/fix.ts';

export default defineIksControl({
  id: 'iks-master-url',
  title: "The API server's URL names a private host",
  severity: 'HIGH',
  dimension: 'API exposure',
  basis: 'seed 000: every URL of the API server names the private host',
  reference: 'IBM Cloud Kubernetes Service, host names of the API server',
  remediation: 'After the public endpoint was switched off, refresh the master so that its address follows.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  defaults: iksDefaults('cluster.serverUrl'),
  evaluate(subject) {
    const { evidence } = subject;
    const urls = [
      ...addressesOf(subject.cluster.masterUrl).map((address) => ({ ...address, name: 'masterURL' })),
      ...addressesOf(subject.cluster.serverUrl).map((address) => ({ ...address, name: 'serverURL' })),
    ];
    const proof = urls.map(({ name, url }) => iksFact(subject, name, url));
    const open = urls.find(({ kind }) => kind === 'public');
    if (open !== undefined) {
      return fail(
        'public-host',
        `${open.name} names the public host ${open.url}`,
        proof,
        fixWith(refreshMaster(evidence)),
      );
    }
    const [first] = urls;
    if (first === undefined) return unknown('absent-field', 'the answer holds no masterURL', proof);
    const odd = urls.find(({ kind }) => kind !== 'private');
    if (odd === undefined) return pass(`${first.name} names the private host`, proof);
    return { ...oddAddress(odd.name, odd), proof };
  },
});
