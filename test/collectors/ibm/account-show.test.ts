import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAboutAnother, parseAccountShow } from '#collectors/ibm/account-show.ts';
import { ABSENT, given } from '#domain/collected.ts';
import { CLASSIC, play, verdictsOf } from './world.ts';

describe('the text of account show', () => {
  const seed = readFileSync(new URL('fixtures/account-show.ja.txt', import.meta.url), 'utf8');

  test.each([
    ['Japanese, as the seed prints it', seed, { state: 'given', value: true }, { state: 'given', value: false }],
    [
      'English',
      'Account ID:   acc\nVRF Enabled:   true\nService Endpoint Enabled:   true\n',
      { state: 'given', value: true },
      { state: 'given', value: true },
    ],
    [
      'an old CLI without the VRF line',
      'Service Endpoint Enabled: true',
      { state: 'absent' },
      { state: 'given', value: true },
    ],
    [
      'neither true nor false',
      'VRF Enabled: -\nService Endpoint Enabled: true',
      { state: 'malformed', raw: '-' },
      { state: 'given', value: true },
    ],
    [
      'two days in one file',
      'VRF Enabled: false\nService Endpoint Enabled: false\nVRF Enabled: true\nService Endpoint Enabled: false',
      { state: 'malformed', raw: 'false / true' },
      { state: 'given', value: false },
    ],
    [
      'two languages that say the contrary',
      'VRF Enabled: true\nVRF が有効: false',
      { state: 'malformed', raw: 'true / false' },
      { state: 'absent' },
    ],
    ['True with a capital', 'VRF Enabled: True', { state: 'malformed', raw: 'True' }, { state: 'absent' }],
    ['a label inside another line', 'Note: VRF Enabled: true', { state: 'absent' }, { state: 'absent' }],
    [
      'a byte order mark, and line ends of Windows',
      '\ufeffVRF Enabled: true\r\nService Endpoint Enabled: false\r\n',
      { state: 'given', value: true },
      { state: 'given', value: false },
    ],
    ['a language that is not known', 'VRF aktiviert: true', { state: 'absent' }, { state: 'absent' }],
  ] as const)('%s', (_case, text, vrf, serviceEndpoint) => {
    expect(parseAccountShow(text)).toMatchObject({ vrf, serviceEndpoint });
  });
});

describe('whose text it is', () => {
  test.each([
    ['the account itself', given('0a1b2c'), false],
    ['another account', given('ffffff'), true],
    ['masked as a whole', given('******'), false],
    ['masked, and the rest fits', given('0a1***'), false],
    ['masked, and the rest does not fit', given('ff1***'), true],
    ['masked in front', given('***b2c'), false],
    ['no id', ABSENT, false],
    ['two ids', { state: 'malformed', raw: '0a1b2c / ffffff' }, true],
  ] as const)('%s', (_case, shown, another) => {
    expect(isAboutAnother(shown, '0a1b2c')).toBe(another);
  });
});

describe('a word of a person, where the classic API refuses', () => {
  const text = 'Account ID: acc\nVRF Enabled: true\nService Endpoint Enabled: true\n';
  const attestation = { account: 'acc', text, author: 'ops', date: '2026-10-01', expires: '2027-01-01' };
  const refusal = { status: 403, body: { error: 'no', code: 'SoftLayer_Exception_X' } };

  test.each([
    ['valid', {}, 'PASS attested'],
    ['on its last day', { expires: '2026-11-01' }, 'PASS attested'],
    ['expired', { expires: '2026-10-31' }, 'UNKNOWN not-scanned'],
    ['of tomorrow', { date: '2026-11-02' }, 'UNKNOWN not-scanned'],
    ['about another account', { text: text.replace('acc', 'other') }, 'UNKNOWN conflicting-fields'],
    ['without the line', { text: 'Account ID: acc' }, 'UNKNOWN absent-field'],
    ['saying off', { text: text.replaceAll('true', 'false') }, 'FAIL off'],
    ['of another account in the configuration', { account: 'other' }, 'UNKNOWN denied'],
  ] as const)('%s', async (_case, changes, expected) => {
    const { collect } = await play({ [CLASSIC]: () => refusal }, { attestations: [{ ...attestation, ...changes }] });
    const { one } = verdictsOf(await collect());
    expect([one?.['ibm-account-vrf'], one?.['ibm-account-service-endpoint']]).toEqual([expected, expected]);
  });

  test('of two words the latest that holds decides', async () => {
    const off = { ...attestation, text: text.replaceAll('true', 'false'), date: '2026-09-01' };
    const future = { ...off, date: '2026-12-01' };
    const { collect } = await play({ [CLASSIC]: () => refusal }, { attestations: [off, attestation, future] });
    expect(verdictsOf(await collect())['one']?.['ibm-account-vrf']).toBe('PASS attested');
  });

  test('what was read beats it', async () => {
    const { collect } = await play(
      { [CLASSIC]: () => ({ status: 500, body: { code: 'SoftLayer_Exception_NotReady' } }) },
      { attestations: [attestation] },
    );
    expect(verdictsOf(await collect())['one']?.['ibm-account-vrf']).toBe('FAIL not-ready');
  });
});

test('a text of many blanks is read as fast as any other', () => {
  const blanks = ' '.repeat(100_000);
  const text = [`${blanks}x`, `VRF Enabled${blanks}:${blanks}true${blanks}# sure`, `${': '.repeat(50_000)}`].join('\n');
  // One expression over the whole line needed hours for this.
  expect(parseAccountShow(text).vrf).toEqual({ state: 'given', value: true });
});
