import type { Unavailable } from '#domain/collected.ts';
import type { ClassicAnswer, IbmAccountEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import {
  type Fix,
  fail,
  notApplicable,
  type Proof,
  pass,
  unknown,
  unknownBecause,
  type Verdict,
} from '#domain/verdict.ts';
import { fixWith } from './fix.ts';
import { VRF_CONSEQUENCES } from './vrf.ts';

type Flag = 'vrf' | 'serviceEndpoint';

const NAME: Readonly<Record<Flag, string>> = { vrf: 'VRF', serviceEndpoint: 'the service endpoint' };

/**
 * Both account flags from one answer of the classic API: `true` means connected, which needs both; `false` means not connected, but configured so
 * that it can be, so VRF is on; NotReady means that the network configuration does not allow it. The service's description never says "VRF":
 * the conclusion is ours, so the raw answer is the proof.
 */
export function judgeFlag(flag: Flag, account: IbmAccountEvidence): Verdict {
  const { classicLink, privateEndpointService: answer } = account;
  if (answer.state === 'collected') {
    const proof: Proof[] = [
      {
        kind: 'derived',
        line: `SoftLayer_Network/isConnectedToPrivateEndpointService answered ${shown(answer.value)}`,
        field: answer.source.api,
        value: answer.value,
        source: answer.source,
      },
    ];
    if (answer.value === 'not-ready-once') {
      return unknown(
        'transitional-state',
        'the account network was ready before and answered NotReady now: a conversion may be under way, the next run decides',
        proof,
      );
    }
    const on = answer.value === 'true' || (flag === 'vrf' && answer.value === 'false');
    if (on) return pass(`${NAME[flag]} is on`, proof);
    return fail(
      answer.value === 'not-ready' ? 'not-ready' : 'off',
      `${NAME[flag]} is off${answer.value === 'not-ready' ? ', or being converted: the account network is not ready for private endpoints' : ''}`,
      proof,
      repair(flag, account),
    );
  }
  const attested = judgeAttestation(flag, account);
  if (classicLink.state === 'unavailable') return attested ?? unknownBecause(classicLink);
  if (classicLink.value.link === 'linked') return attested ?? unanswered(answer);
  const without = flag === 'vrf' ? withoutLink(account) : unknown('not-found', UNTOLD, [linkProof(account)]);
  // What was read beats a word: whoever needs no VRF needs no attestation of it either.
  return without.status === 'NOT_APPLICABLE' ? without : (attested ?? without);
}

const UNTOLD =
  'no classic infrastructure account is linked, so no API reports the flag; `ringfence attest ibm` keeps what `ibmcloud account show` says';

/** Names what to grant: the classic API knows users of its own, and tells a missing one in several ways. */
function unanswered(answer: Unavailable): Verdict {
  const verdict = unknownBecause(answer);
  return ['denied', 'credentials', 'not-found'].includes(answer.reason)
    ? { ...verdict, message: `${verdict.message}; the identity has to be a classic infrastructure user of the account` }
    : verdict;
}

/** VPCs bring their own routing: only an account that holds nothing else needs no VRF. */
function withoutLink(account: IbmAccountEvidence): Verdict {
  const { clusterProviders: providers } = account;
  const proof = [linkProof(account)];
  if (providers.state === 'unavailable')
    return unknown(
      providers.reason,
      `whether the account holds VPC clusters only is not known: ${providers.message}`,
      proof,
    );
  if (providers.value.length > 0 && providers.value.every((provider) => provider.startsWith('vpc'))) {
    return notApplicable('vpc-only', 'the account has no classic infrastructure and holds VPC clusters only', proof);
  }
  return unknown('not-found', UNTOLD, proof);
}

function linkProof({ classicLink }: IbmAccountEvidence): Proof {
  return {
    kind: 'fact',
    line: 'linked_softlayer_account is empty',
    field: 'linked_softlayer_account',
    value: '',
    ...(classicLink.state === 'collected' ? { source: classicLink.source } : {}),
  };
}

/** A person's word decides only where nothing could be read, and always says whose it is. */
function judgeAttestation(flag: Flag, account: IbmAccountEvidence): Verdict | undefined {
  const { attestation, privateEndpointService: read } = account;
  if (attestation.state === 'unavailable') {
    if (attestation.reason === 'not-found') return undefined;
    // What the word was to stand in for is the other thing that can be repaired.
    const refused = read.state === 'unavailable' ? `${read.api}: ${read.message}` : '';
    return unknown(attestation.reason, `${attestation.message}; ${refused}`, [
      { kind: 'attested', line: attestation.message },
      { kind: 'fact', line: refused },
    ]);
  }
  const { author, date, expires } = attestation.value;
  const value = attestation.value[flag];
  const proof: Proof[] = [
    { kind: 'attested', line: `attested by ${author} on ${date}, until ${expires}`, source: attestation.source },
  ];
  if (value.state === 'absent')
    return unknown('absent-field', `the text attested by ${author} does not report ${NAME[flag]}`, proof);
  if (value.state === 'malformed')
    return unknown('malformed-answer', `the text attested by ${author} says ${value.raw}`, proof);
  return value.value
    ? pass(`${NAME[flag]} is on, attested by ${author} on ${date}`, proof, 'attested')
    : fail('off', `${NAME[flag]} is off, attested by ${author} on ${date}`, proof, repair(flag, account));
}

/** VRF comes first, with all that it changes; the service endpoint is a switch, and only afterwards. Both concern the account that is targeted. */
function repair(flag: Flag, { accountId }: IbmAccountEvidence): { readonly fix: Fix } {
  const target = `ibmcloud target -c ${shellQuote(accountId)}`;
  if (flag === 'serviceEndpoint')
    return fixWith(`${target} && ibmcloud account update --service-endpoint-enable true`, 'ibmcloud account show');
  const { fix } = fixWith(
    `${target} && ibmcloud sl ticket create --title ${shellQuote(`Enable VRF for account ${accountId}`)} --subject-id <subject>`,
    'ibmcloud sl ticket subjects',
    'ibmcloud account show',
  );
  return { fix: { ...fix, checkFirst: VRF_CONSEQUENCES } };
}

function shown(answer: ClassicAnswer): string {
  return answer === 'true' || answer === 'false' ? answer : 'SoftLayer_Exception_NotReady';
}
