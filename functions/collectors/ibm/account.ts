import * as v from 'valibot';
import { type Collected, collected, type Unavailable, unavailable } from '#domain/collected.ts';
import type { IbmAccountEvidence } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import { isAboutAnother, parseAccountShow, shownId } from './account-show.ts';
import { isConnectedToPrivateEndpointService } from './classic.ts';
import type { IbmAccountOptions, IbmAttestationOptions, IbmOptions } from './options.ts';
import type { IbmReading } from './read.ts';

export interface AccountRecord {
  /** The name that people gave the account. */
  readonly name: string | undefined;
  readonly classicLink: { link: 'none' } | { link: 'linked'; id: string };
}

const Account = v.looseObject({
  id: v.string(),
  name: v.optional(v.unknown()),
  linked_softlayer_account: v.optional(v.unknown()),
});

export function readRecord(
  { id }: IbmAccountOptions,
  ims: string | undefined,
  { endpoints }: IbmOptions,
  reading: IbmReading,
): Promise<Collected<AccountRecord>> {
  return reading.part('account:read', async () => {
    const body = v.safeParse(Account, await reading.get(`${endpoints.accounts}/v4/accounts/${encodeURIComponent(id)}`));
    if (!body.success) throw new Refusal('malformed-answer', 'expected an account');
    const { id: answered, name, linked_softlayer_account: linked } = body.output;
    if (answered !== id) throw new Refusal('malformed-answer', 'the answer is about another account');
    const classic = linked === undefined || linked === null ? '' : String(linked);
    if (classic !== '' && ims !== undefined && ims !== classic)
      throw new Refusal('conflicting-fields', `the token names classic account ${ims}, the account names ${classic}`);
    return {
      name: typeof name === 'string' && name !== '' ? name : undefined,
      classicLink: classic === '' ? { link: 'none' } : { link: 'linked', id: classic },
    };
  });
}

/** What tells of an account's network: its record, its classic read, and a person's word. */
export async function readAccountFacts(
  account: IbmAccountOptions,
  record: Collected<AccountRecord>,
  clusterProviders: Collected<string[]>,
  options: IbmOptions,
  reading: IbmReading,
  at: string,
): Promise<IbmAccountEvidence> {
  const classicLink = record.state === 'unavailable' ? record : collected(record.value.classicLink, record.source);
  return {
    accountId: account.id,
    classicLink,
    privateEndpointService: await readEndpointService(classicLink, options, reading),
    attestation: attestationOf(account.id, options, at),
    clusterProviders,
  };
}

/** An account that let nobody in: everything about it is unknown for the same reason, but for a person's word. */
export function unreadAccountFacts(
  account: string,
  { reason, message, api }: Unavailable,
  options: IbmOptions,
  at: string,
): IbmAccountEvidence {
  const nothing = unavailable(reason, message, api);
  return {
    accountId: account,
    classicLink: nothing,
    privateEndpointService: nothing,
    attestation: attestationOf(account, options, at),
    clusterProviders: nothing,
  };
}

/** Asked whenever a link may exist: without one the classic host answers for nobody. */
function readEndpointService(
  link: IbmAccountEvidence['classicLink'],
  options: IbmOptions,
  reading: IbmReading,
): Promise<IbmAccountEvidence['privateEndpointService']> {
  if (link.state === 'collected' && link.value.link === 'none') {
    return Promise.resolve(
      unavailable(
        'not-found',
        'no classic infrastructure account is linked',
        'classic:isConnectedToPrivateEndpointService',
      ),
    );
  }
  // The token speaks for another classic account: its answer would be about that one.
  if (link.state === 'unavailable' && link.reason === 'conflicting-fields') return Promise.resolve(link);
  return reading.part('classic:isConnectedToPrivateEndpointService', () =>
    reading.withToken((token) =>
      isConnectedToPrivateEndpointService(
        reading.http,
        options.endpoints.classic,
        token,
        reading.counter,
        reading.signal,
      ),
    ),
  );
}

/** Of several words about one account the latest that holds; of none that holds, why the latest does not. */
function attestationOf(account: string, { attestations }: IbmOptions, at: string): IbmAccountEvidence['attestation'] {
  const words = attestations
    .filter((entry) => entry.account === account)
    .sort((a, b) => (a.date < b.date ? 1 : -1))
    .map((entry) => readAttestation(entry, at));
  return (
    words.find(({ state }) => state === 'collected') ??
    words[0] ??
    unavailable('not-found', 'nobody has attested the account', ATTESTATION)
  );
}

const ATTESTATION = 'attestation';

function readAttestation(
  { account, author, date, expires, text }: IbmAttestationOptions,
  at: string,
): IbmAccountEvidence['attestation'] {
  const today = at.slice(0, 10);
  if (expires < today)
    return unavailable('not-scanned', `the attestation by ${author} expired on ${expires}`, ATTESTATION);
  if (date > today)
    return unavailable('not-scanned', `the attestation by ${author} begins on ${date} only`, ATTESTATION);
  const { accountId, vrf, serviceEndpoint } = parseAccountShow(text);
  if (isAboutAnother(accountId, account))
    return unavailable('conflicting-fields', `the attested text is about account ${shownId(accountId)}`, ATTESTATION);
  return collected({ vrf, serviceEndpoint, author, date, expires }, { api: ATTESTATION, at: date });
}
