import type { StoredFinding } from '#domain/change.ts';
import type { Collection, Subject } from '#domain/collection.ts';
import type { IbmAccountEvidence } from '#domain/evidence/ibm.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import { findingId } from './finding-id.ts';

/** The control that an IBM account's network was last decided by. */
const DECIDED_BY = 'ibm-account-vrf';

/**
 * A conversion to VRF takes an account's network down for up to half an hour, and it answers NotReady meanwhile. So the first NotReady of an account
 * whose VRF was on becomes `not-ready-once`, which decides nothing, and the next run's answer decides. Asking again at once would meet
 * the same conversion. What was stored is asked for only where the answer is NotReady.
 * Source of the rule: IBM Cloud, enabling VRF and service endpoints.
 */
export async function holdFirstNotReady(
  collection: Collection,
  runId: string,
  stored: () => Promise<readonly StoredFinding[]>,
): Promise<Collection> {
  if (!collection.subjects.some((subject) => accountOf(subject) !== undefined)) return collection;
  const before = new Map((await stored()).map((entry) => [entry.finding.id, entry]));
  return {
    ...collection,
    subjects: collection.subjects.map((subject) => {
      const account = accountOf(subject);
      if (account === undefined) return subject;
      const last = before.get(findingId(`ibm:account:${account.accountId}`, DECIDED_BY));
      return isFirst(last, runId) ? held(subject) : subject;
    }),
  };
}

/**
 * The first since VRF was read as on: a batch that is delivered again in the same run has read it only once. A person's word is no reading, and a
 * NotReady that contradicts it is no change.
 */
function isFirst(last: StoredFinding | undefined, runId: string): boolean {
  if (last?.lastDecided?.status !== 'PASS' || last.finding.reason === 'attested') return false;
  return last.finding.reason !== 'transitional-state' || last.runId === runId;
}

/** The account facts of a subject whose account answered NotReady. */
function accountOf(subject: Subject): IbmAccountEvidence | undefined {
  const account = isOf('ibm-account', subject)
    ? subject.evidence
    : isOf('iks', subject)
      ? subject.evidence.account
      : undefined;
  const answer = account?.privateEndpointService;
  return answer?.state === 'collected' && answer.value === 'not-ready' ? account : undefined;
}

function isOf<K extends SubjectKind>(kind: K, subject: Subject): subject is Subject<K> {
  return subject.kind === kind;
}

function hold<T extends Pick<IbmAccountEvidence, 'privateEndpointService'>>(account: T): T {
  const { privateEndpointService: answer } = account;
  return answer.state === 'unavailable'
    ? account
    : { ...account, privateEndpointService: { ...answer, value: 'not-ready-once' } };
}

function held(subject: Subject): Subject {
  if (isOf('ibm-account', subject)) return { ...subject, evidence: hold(subject.evidence) };
  if (!isOf('iks', subject)) return subject;
  return { ...subject, evidence: { ...subject.evidence, account: hold(subject.evidence.account) } };
}
