import { ABSENT, collected, given } from '#domain/collected.ts';
import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { account, denied, evidence, onVpc, rule, worker } from './builders.ts';

type Case = readonly [control: string, name: string, subject: IksEvidence, expected: `${string} ${string}`];

const source = { api: 'x', at: '2026-11-01T00:00:00.000Z' };
const off = account({ privateEndpointService: collected('not-ready', source) });
const spanning = (enabled: boolean) => collected({ enabled: given(enabled) }, source);
const zones = collected([worker('-', ''), worker('-', '', { id: 'w2', zone: given('tok04') })], source);
const vlans = collected([worker('-', ''), worker('-', '', { id: 'w2', privateVlan: given('1002') })], source);
const untold = collected([worker('-', ''), worker('-', '', { id: 'w2', privateVlan: ABSENT })], source);

const SPANNING: readonly Case[] = [
  ['one VLAN in one zone', evidence(), 'NOT_APPLICABLE single-vlan'],
  ['VPC', onVpc('no'), 'NOT_APPLICABLE vpc'],
  ['two zones with VRF', evidence({ workers: zones }), 'PASS holds'],
  ['two zones with spanning', evidence({ workers: zones, account: off, vlanSpanning: spanning(true) }), 'PASS holds'],
  [
    'two zones with neither',
    evidence({ workers: zones, account: off, vlanSpanning: spanning(false) }),
    'FAIL not-connected',
  ],
  [
    'two VLANs of one zone with neither',
    evidence({ workers: vlans, account: off, vlanSpanning: spanning(false) }),
    'FAIL not-connected',
  ],
  [
    'two zones, spanning refused',
    evidence({ workers: zones, account: off, vlanSpanning: denied('containers:getVlanSpanning') }),
    'UNKNOWN denied',
  ],
  [
    'two zones, spanning not told',
    evidence({ workers: zones, account: off, vlanSpanning: collected({ enabled: ABSENT }, source) }),
    'UNKNOWN absent-field',
  ],
  [
    'two zones, spanning off and VRF refused',
    evidence({
      workers: zones,
      account: account({ privateEndpointService: denied('classic') }),
      vlanSpanning: spanning(false),
    }),
    'UNKNOWN denied',
  ],
  [
    'two zones, spanning on and VRF refused',
    evidence({
      workers: zones,
      account: account({ privateEndpointService: denied('classic') }),
      vlanSpanning: spanning(true),
    }),
    'PASS holds',
  ],
  [
    'a VLAN that is not reported',
    evidence({ workers: untold, account: off, vlanSpanning: spanning(false) }),
    'UNKNOWN absent-field',
  ],
  ['workers refused', evidence({ workers: denied('containers:getWorkers') }), 'UNKNOWN denied'],
].map(([name, subject, expected]) => [
  'iks-vlan-spanning',
  name as string,
  subject as IksEvidence,
  expected as Case[3],
]);

const restricted = (...rules: readonly Parameters<typeof rule>[0][]) =>
  evidence({
    restrictions: collected(
      rules.map((changes) => rule(changes)),
      source,
    ),
  });

export const CLASSIC_CASES: readonly Case[] = [
  ...SPANNING,
  ['iks-context-restrictions', 'admits everybody', restricted({ admits: { who: 'everybody' } }), 'FAIL everybody'],
  [
    'iks-context-restrictions',
    'one of two admits everybody',
    restricted({ admits: { who: 'everybody' } }, { id: 'r2' }),
    'UNKNOWN undecidable',
  ],
  [
    'iks-context-restrictions',
    'a zone that was refused',
    restricted({ admits: { who: 'unread', reason: 'denied', message: 'HTTP 403' } }),
    'UNKNOWN denied',
  ],
  [
    'iks-context-restrictions',
    'everybody, by a rule that is not enforced',
    restricted({ admits: { who: 'everybody' }, enforcement: 'disabled' }),
    'FAIL missing',
  ],
];
