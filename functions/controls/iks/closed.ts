import type { IksEvidence } from '#domain/evidence/ibm.ts';
import {
  type Fix,
  fail,
  notApplicable,
  type Proof,
  pass,
  type Status,
  unknown,
  type Verdict,
} from '#domain/verdict.ts';
import { mergeFixes } from '../shared/combine.ts';
import masterUrl from './master-url.ts';
import privateEndpoint from './private-endpoint.ts';
import publicEndpoint from './public-endpoint.ts';
import { judgeFlag } from './shared/account-flags.ts';
import { isVpc } from './shared/cluster.ts';
import { iksDefaults } from './shared/defaults.ts';
import { defineIksControl } from './shared/define-iks-control.ts';

/** The trap of seed 000: a cluster record can look private while the account's network cannot reach it. */
export default defineIksControl({
  id: 'iks-closed',
  title: 'Account and cluster settings together close the master',
  severity: 'CRITICAL',
  dimension: 'private API path',
  basis: 'seed 000: the private endpoint is not enough without VRF and service endpoints',
  reference: 'IBM Cloud Kubernetes Service, service endpoints; account VRF',
  remediation: 'Fix the setting that the message names, the account first.',
  needs: [
    'iam:token',
    'account:read',
    'classic:isConnectedToPrivateEndpointService',
    'containers:getClusters',
    'containers:getCluster',
  ],
  defaults: iksDefaults('cluster.nestedPrivate', 'cluster.flatPrivate', 'cluster.nestedPublicUrl', 'cluster.serverUrl'),
  combine({ evidence, verdictOf }) {
    const parts: readonly (readonly [name: string, verdict: Verdict])[] = [
      ['account VRF', vrfFor(isVpc(evidence), judgeFlag('vrf', evidence.account))],
      ['account service endpoint', judgeFlag('serviceEndpoint', evidence.account)],
      ['private endpoint', verdictOf(privateEndpoint)],
      ['public endpoint', verdictOf(publicEndpoint)],
      ['master URL', verdictOf(masterUrl)],
    ];
    const cluster = parts.slice(2).map(([, verdict]) => verdict);
    // What decides is the key line.
    const proof = [...parts]
      .sort(([, a], [, b]) => DECIDING.indexOf(a.status) - DECIDING.indexOf(b.status))
      .map(
        ([name, verdict]): Proof => ({
          ...(verdict.proof[0] ?? { kind: 'derived' }),
          line: `${name}: ${verdict.status}: ${verdict.proof[0]?.line ?? verdict.message}`,
          field: name,
          value: verdict.status,
        }),
      );
    const failed = parts.filter(([, { status }]) => status === 'FAIL');
    if (failed.length > 0) {
      const trap = cluster.every(({ status }) => status === 'PASS') ? 'the cluster looks closed, and is not: ' : '';
      const messages = failed.map(([, { message }]) => message).join('; ');
      return fail('not-closed', `${trap}${messages}`, proof, fixOf(failed.map(([, part]) => part)));
    }
    const open = parts.map(([, verdict]) => verdict).find(({ status }) => status === 'UNKNOWN');
    if (open?.status === 'UNKNOWN') return unknown(open.reason, open.message, proof);
    // What stands on a person's word is never shown as read.
    const word = parts.find(([, { reason }]) => reason === 'attested')?.[1];
    return word === undefined
      ? pass(`the master is reached privately, and only so${reachOf(evidence)}`, proof)
      : pass(`the master is reached privately, and only so${reachOf(evidence)}: ${word.message}`, proof, 'attested');
  },
});

const DECIDING: readonly Status[] = ['FAIL', 'UNKNOWN', 'PASS', 'NOT_APPLICABLE'];

/** Each command once, in the order of the parts: the account first. */
function fixOf(verdicts: readonly Verdict[]): { readonly fix?: Fix } {
  const fixes = verdicts.flatMap((verdict) => (verdict.status === 'FAIL' && verdict.fix ? [verdict.fix] : []));
  return fixes.length === 0 ? {} : { fix: mergeFixes(fixes) };
}

/** Regions whose clusters have the private endpoint of their own VPC alone. Source: IBM Cloud Kubernetes Service, access to private VPC clusters. */
const OWN_ENDPOINT_ONLY = ['ca-mon', 'in-che', 'in-mum'];

/** On VPC private does not mean one's own. */
function reachOf(evidence: IksEvidence): string {
  const { cluster } = evidence;
  if (!isVpc(evidence) || cluster.state === 'unavailable') return '';
  const { region } = cluster.value;
  if (region.state === 'given' && OWN_ENDPOINT_ONLY.includes(region.value)) return '';
  return ' (on VPC the private endpoint answers from anywhere inside IBM Cloud: iks-context-restrictions judges who may reach it)';
}

/** A VPC cluster's routing is its VPC's own: the account's missing VRF does not concern it. */
function vrfFor(vpc: boolean, verdict: Verdict): Verdict {
  return vpc && verdict.status === 'UNKNOWN' && verdict.reason === 'not-found'
    ? notApplicable('vpc', 'a VPC has its own routing', verdict.proof)
    : verdict;
}
