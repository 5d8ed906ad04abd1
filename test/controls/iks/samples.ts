import { collected } from '#domain/collected.ts';
import type { Sample } from '../sample.ts';
import { account, evidence, onVpc, rule } from './builders.ts';
import { VPC_CASES } from './vpc-cases.ts';

const source = { api: 'x', at: '2026-11-01T00:00:00.000Z' };
const scope = ['serviceInstance', 'region', 'resourceGroupId'].map((name, index) => ({
  name,
  value: ['c1', 'jp-tok', 'rg-1'][index] ?? '',
  operator: 'stringEquals',
}));

/** Clusters that lean on every part of the evidence. */
export const iksSamples: readonly Sample[] = [
  { kind: 'ibm-account', name: 'an account with VRF and service endpoints', evidence: account() },
  {
    kind: 'iks',
    name: 'a classic cluster, tried from inside and outside, with a rule of its own',
    evidence: evidence({
      restrictions: collected([rule({ scopes: [scope] })], source),
      reachability: {
        state: 'configured',
        inside: collected(
          { connected: true, at: '2026-11-01T00:00:00Z', fresh: true, address: { told: 'no' } },
          source,
        ),
        outside: collected('silent', source),
      },
    }),
  },
  { kind: 'iks', name: 'a VPC cluster', evidence: onVpc('no') },
  { kind: 'iks', name: 'a VPC cluster with a gateway', evidence: onVpc('yes') },
  // Those whose verdict could be turned either way.
  ...VPC_CASES.filter(([, , , expected]) => expected !== 'UNKNOWN denied' && expected !== 'PASS holds').map(
    ([control, name, subject]): Sample => ({ kind: 'iks', name: `${control} ${name}`, evidence: subject }),
  ),
];
