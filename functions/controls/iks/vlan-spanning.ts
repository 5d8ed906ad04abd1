import type { Field } from '#domain/collected.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { judgeFlag } from './shared/account-flags.ts';
import { infrastructureOf } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { VRF_CONSEQUENCES } from './shared/vrf.ts';

export default defineIksControl({
  id: 'iks-vlan-spanning',
  title: 'Workers in several zones or VLANs reach each other over the private network',
  severity: 'MEDIUM',
  basis: 'seed 000: a conversion to VRF ends VLAN spanning, and one of the two is needed',
  reference: 'IBM Cloud Kubernetes Service, network planning for classic clusters',
  remediation:
    'Turn on VLAN spanning for the account, or VRF, which connects every VLAN of the account and cannot be undone.',
  needs: [
    'iam:token',
    'account:read',
    'classic:isConnectedToPrivateEndpointService',
    'containers:getClusters',
    'containers:getCluster',
    'containers:getWorkers',
    'containers:getVlanSpanning',
  ],
  defaults: iksDefaults('cluster.provider'),
  evaluate({ evidence }) {
    const { workers, vlanSpanning: spanning, account, cluster } = evidence;
    const infrastructure = infrastructureOf(evidence);
    if (infrastructure === 'vpc') return notApplicable('vpc', 'a VPC has no VLANs');
    if (infrastructure !== 'classic')
      return unknown('conflicting-fields', 'whether the cluster stands on classic infrastructure is not clear');
    if (workers.state === 'unavailable') return unknownBecause(workers);
    const facts = workers.value.flatMap(({ zone, privateVlan }) => [zone, privateVlan]);
    const unread = facts.find(({ state }) => state !== 'given');
    const [zones, vlans] = [
      distinct(workers.value.map(({ zone }) => zone)),
      distinct(workers.value.map(({ privateVlan }) => privateVlan)),
    ];
    const { source } = workers;
    const proof: Proof[] = [
      { kind: 'fact', line: `zones of the workers: ${listed(zones)}`, field: 'zones', value: zones, source },
      {
        kind: 'fact',
        line: `private VLANs of the workers: ${listed(vlans)}`,
        field: 'privateVlan',
        value: vlans,
        source,
      },
    ];
    const isSpread = zones.length > 1 || vlans.length > 1;
    if (!isSpread && unread === undefined)
      return notApplicable('single-vlan', 'all workers stand in one private VLAN of one zone', proof);
    if (!isSpread)
      return unknown(
        unread?.state === 'absent' ? 'absent-field' : 'malformed-answer',
        'a worker does not report its zone or its private VLAN',
        proof,
      );
    const vrf = judgeFlag('vrf', account);
    if (vrf.status === 'PASS')
      return pass(`VRF connects the VLANs: ${vrf.message}`, [...vrf.proof, ...proof], vrf.reason);
    if (spanning.state === 'collected' && spanning.value.enabled.state === 'given' && spanning.value.enabled.value)
      return pass('VLAN spanning is on', [
        { kind: 'fact', line: 'VLAN spanning: enabled', source: spanning.source },
        ...proof,
      ]);
    if (spanning.state === 'unavailable') return unknownBecause(spanning, proof);
    if (spanning.value.enabled.state !== 'given')
      return unknown(
        spanning.value.enabled.state === 'absent' ? 'absent-field' : 'malformed-answer',
        'the answer does not report whether VLAN spanning is on',
        proof,
      );
    if (vrf.status === 'UNKNOWN') return unknown(vrf.reason, `VLAN spanning is off, and VRF: ${vrf.message}`, proof);
    const region =
      cluster.state === 'collected' && cluster.value.region.state === 'given' ? cluster.value.region.value : '<region>';
    return fail(
      'not-connected',
      `workers stand in ${zones.length} zones and ${vlans.length} private VLANs, and the account has neither VRF nor VLAN spanning`,
      [{ kind: 'fact', line: 'VLAN spanning: disabled', source: spanning.source }, ...vrf.proof, ...proof],
      {
        fix: {
          checkFirst: VRF_CONSEQUENCES,
          commands: [
            `ibmcloud target -c ${shellQuote(account.accountId)}`,
            `ibmcloud ks vlan spanning get --region ${region === '<region>' ? region : shellQuote(region)}`,
            `ibmcloud ks worker ls --cluster ${shellQuote(evidence.id)}`,
          ],
          fragments: [],
        },
      },
    );
  },
});

function distinct(fields: readonly Field<string>[]): readonly string[] {
  return [...new Set(fields.flatMap((field) => (field.state === 'given' ? [field.value] : [])))].sort();
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? 'none is reported' : values.join(', ');
}
