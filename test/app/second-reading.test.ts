import { describe, expect, test } from 'vitest';
import { findingId } from '#app/finding-id.ts';
import { holdFirstNotReady } from '#app/second-reading.ts';
import type { DecidedStatus, StoredFinding } from '#domain/change.ts';
import { collected } from '#domain/collected.ts';
import type { Collection } from '#domain/collection.ts';
import type { IbmAccountEvidence, IksEvidence } from '#domain/evidence/ibm.ts';
import { account, evidence } from '../controls/iks/builders.ts';
import { finding } from './builders.ts';

const source = { api: 'classic:isConnectedToPrivateEndpointService', at: '2026-11-01T00:00:00.000Z' };
const resource = { uid: 'u', type: 'ibm.account', provider: 'ibm', account: 'acc', region: '', name: 'one' } as const;

function reading(answer: 'true' | 'not-ready'): Collection {
  const facts = account({ privateEndpointService: collected(answer, source) });
  return {
    subjects: [
      { kind: 'ibm-account', resource, evidence: facts },
      { kind: 'iks', resource, evidence: evidence({ account: facts }) },
    ],
    inventoryComplete: true,
    gaps: [],
    apiCalls: 11,
  };
}

function stored(
  decided: DecidedStatus | undefined,
  now: Partial<StoredFinding['finding']>,
  runId = 'run-1',
): StoredFinding {
  const control = 'ibm-account-vrf';
  return {
    finding: finding({ control, id: findingId('ibm:account:acc', control), ...now }),
    revision: 1,
    firstSeen: '2026-10-01T00:00:00.000Z',
    runId,
    ...(decided === undefined
      ? {}
      : { lastDecided: { status: decided, severity: 'HIGH', accepted: false, at: '2026-10-01T00:00:00.000Z', runId } }),
  };
}

async function answers(
  collection: Collection,
  before: readonly StoredFinding[],
): Promise<readonly (string | undefined)[]> {
  const { subjects } = await holdFirstNotReady(collection, 'run-2', async () => before);
  return subjects.map(({ evidence: facts }) => {
    const of = 'account' in facts ? (facts as IksEvidence).account : (facts as IbmAccountEvidence);
    return of.privateEndpointService.state === 'collected' ? of.privateEndpointService.value : undefined;
  });
}

describe('which NotReady is held back', () => {
  test.each([
    ['nothing is stored, as in a first scan and without a store', [], 'not-ready'],
    ['VRF was read as on', [stored('PASS', { status: 'PASS', reason: 'holds' })], 'not-ready-once'],
    ['VRF was a person’s word', [stored('PASS', { status: 'PASS', reason: 'attested' })], 'not-ready'],
    ['VRF was off', [stored('FAIL', { status: 'FAIL', reason: 'not-ready' })], 'not-ready'],
    ['it was never decided', [stored(undefined, { status: 'UNKNOWN', reason: 'denied' })], 'not-ready'],
    ['on before, and unread since', [stored('PASS', { status: 'UNKNOWN', reason: 'denied' })], 'not-ready-once'],
    ['held in an earlier run', [stored('PASS', { status: 'UNKNOWN', reason: 'transitional-state' })], 'not-ready'],
    [
      'held in this very run, which is delivered again',
      [stored('PASS', { status: 'UNKNOWN', reason: 'transitional-state' }, 'run-2')],
      'not-ready-once',
    ],
  ] as const)('%s', async (_case, before, expected) => {
    expect(await answers(reading('not-ready'), before)).toEqual([expected, expected]);
  });

  test('the store is not asked while the account is ready', async () => {
    const untouched = reading('true');
    expect(await holdFirstNotReady(untouched, 'run-2', () => Promise.reject(new Error('asked')))).toBe(untouched);
  });
});
