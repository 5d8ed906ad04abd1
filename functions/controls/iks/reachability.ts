import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { isVpc } from './shared/cluster.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { closePublicEndpoint, fixWith, refreshMaster } from './shared/fix.ts';
import { hostKind } from './shared/host.ts';

export default defineIksControl({
  id: 'iks-reachability',
  title: 'The API server answers from inside the private network, and not from outside',
  severity: 'HIGH',
  basis: 'seed 000: tried from a workstation on the private network',
  reference: 'IBM Cloud Kubernetes Service, access to private clusters',
  remediation:
    'Close the public endpoint that answered, or fix the private path (VRF, service endpoints, VPE gateway).',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster'],
  evaluate({ evidence }) {
    const { reachability } = evidence;
    if (reachability.state === 'not-configured')
      return notApplicable('no-probe', 'no probe is configured for this cluster');
    const { inside, outside } = reachability;
    if (outside.state === 'collected' && outside.value === 'connected') {
      return fail(
        'reachable-outside',
        'the API server completed a connection from the scanner',
        [{ kind: 'fact', line: 'connected from the scanner', source: outside.source }],
        fixWith(...closePublicEndpoint(evidence)),
      );
    }
    if (inside.state === 'unavailable') return unknownBecause(inside);
    const proof = [
      {
        kind: 'fact' as const,
        line: `probe at ${inside.value.at}: ${inside.value.connected ? 'connected' : 'not connected'}`,
        source: inside.source,
      },
    ];
    if (!inside.value.fresh) return unknown('undecidable', `the probe last reported at ${inside.value.at}`, proof);
    const { address } = inside.value;
    if (address.told === 'yes' && hostKind(address.url) === 'public')
      return unknown('undecidable', `the probe tried the public host ${address.url}`, proof);
    if (!inside.value.connected)
      return fail(
        'unreachable-inside',
        'the API server does not answer inside the private network',
        proof,
        fixWith(...privatePath(evidence)),
      );
    if (outside.state === 'unavailable') return unknownBecause(outside, proof);
    // A silence proves little by itself; beside a fresh answer from inside it means that only the inside is served.
    return pass('the API server answers inside, and did not answer the scanner', [
      ...proof,
      { kind: 'fact', line: `from the scanner: ${outside.value}`, source: outside.source },
    ]);
  },
});

/** The account comes first, then the cluster's own end of the path. */
function privatePath(evidence: IksEvidence): readonly string[] {
  return isVpc(evidence)
    ? ['ibmcloud is endpoint-gateways', `ibmcloud ks cluster get --cluster ${shellQuote(evidence.id)}`]
    : [
        `ibmcloud target -c ${shellQuote(evidence.account.accountId)}`,
        'ibmcloud account show',
        `ibmcloud ks cluster master private-service-endpoint enable --cluster ${shellQuote(evidence.id)}`,
        refreshMaster(evidence),
      ];
}
