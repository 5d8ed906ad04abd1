import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { addressesOf, either, iksFact, isVpc, type ReadCluster, unreadFlag } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { closePublicEndpoint, fixWith } from './shared/fix.ts';

const NAME = 'publicServiceEndpointEnabled';
const REBUILD =
  'OpenShift on classic infrastructure cannot be without its public endpoint: no switch exists. Rebuild the cluster on VPC, private only.';

/** The vendor's pages disagree on whether OpenShift on VPC can be switched later. */
const SWITCH_OR_REBUILD =
  'Switch the public service endpoint off and refresh the master. Where the switch is refused for OpenShift, rebuild the cluster with --disable-public-service-endpoint.';

export default defineIksControl({
  id: 'iks-public-endpoint',
  title: "The cluster's public service endpoint is disabled",
  severity: 'CRITICAL',
  dimension: 'API exposure',
  basis: 'seed 000: the public service endpoint is off',
  reference: 'IBM Cloud Kubernetes Service, service endpoints',
  remediation: 'Switch the public service endpoint off, refresh the master, and replace classic workers.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  failsEarly: true,
  defaults: iksDefaults('cluster.nestedPublicUrl'),
  evaluate(subject) {
    return judge(subject.evidence, subject);
  },
});

function judge(evidence: IksEvidence, subject: ReadCluster): Verdict {
  const { nestedPublic, flatPublic, nestedPublicUrl, flatPublicUrl } = subject.cluster;
  const flag = either(nestedPublic, flatPublic);
  if (flag.state !== 'given') return unreadFlag(NAME, flag);
  const addresses = addressesOf(nestedPublicUrl, flatPublicUrl);
  const url = [...new Set(addresses.map((address) => address.url))].join(', ');
  const proof = [iksFact(subject, NAME, flag.value), iksFact(subject, 'publicServiceEndpointURL', url)];
  if (!flag.value && addresses.length === 0) return pass('the public service endpoint is off', proof);
  if (!flag.value && addresses.every(({ kind }) => kind === 'no-text'))
    return unknown('malformed-answer', `the public endpoint is off, and its address is ${url}`, proof);
  const message = flag.value
    ? `the public service endpoint is on${url === '' ? '' : ` at ${url}`}`
    : `the public service endpoint is off, and yet has the address ${url}`;
  const { type } = subject.cluster;
  const openshift = type.state === 'given' && type.value === 'openshift';
  if (openshift && !isVpc(evidence))
    return fail('public-on', message, proof, { remediation: REBUILD, ...fixWith(...rebuild(evidence)) });
  return fail(flag.value ? 'public-on' : 'public-address', message, proof, {
    ...(openshift ? { remediation: SWITCH_OR_REBUILD } : {}),
    ...fixWith(...closePublicEndpoint(evidence)),
  });
}

function rebuild({ id, name }: IksEvidence): readonly string[] {
  return [
    `ibmcloud oc cluster get --cluster ${shellQuote(id)}`,
    `ibmcloud oc cluster create vpc-gen2 --name ${shellQuote(`${name}-vpc`)} --vpc-id <vpc> --subnet-id <subnet> --zone <zone> --flavor <flavor> --cos-instance <crn> --disable-public-service-endpoint`,
  ];
}
