import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import type { IksSubject } from './define-iks-control.ts';
import { type WayOut, waysOut } from './vpc-routes.ts';
import { groupProof, type Protection, protectionOf } from './worker-groups.ts';

type Workers = Extract<IksEvidence['workers'], { state: 'collected' }>['value'];
type Judging = Pick<IksSubject, 'evidence' | 'profile' | 'declaredEgress'>;

interface JudgedWay extends WayOut {
  readonly protection: Protection;
}

/**
 * Workers on VPC have no public address of their own; their ways out are the public gateway and the routes of their subnets, and their security
 * groups let traffic go there or hold it back. A way counts as open where both are seen.
 */
export function judgeVpcEgress({ evidence, profile, declaredEgress }: Judging, workers: Workers): Verdict {
  const { subnets } = evidence;
  if (subnets.state === 'unavailable') return unknownBecause(subnets);
  const read = subnets.value.map(waysOut);
  const ways = read
    .flatMap((subnet) => subnet.ways)
    .map((way): JudgedWay => ({ ...way, protection: protectionOf(evidence, way.ranges) }));
  const proof = [...subnetProof(evidence, ways), ...(ways.length > 0 ? groupProof(evidence) : [])];
  const elsewhere = ways.filter(({ via, protection }) => via !== 'gateway' && protection.state !== 'closed');
  const central = declaredEgress(networksOf(elsewhere));
  const declared = central.value === 'none' ? [] : elsewhere;
  const counted = ways.filter((way) => way.protection.state !== 'closed' && !declared.includes(way));
  const seen = counted.filter(({ via }) => via !== 'elsewhere');
  const open = seen.filter(({ protection, certain }) => certain && protection.state === 'open');
  const [first] = open;
  if (first !== undefined && profile === 'closed')
    return fail(first.via === 'gateway' ? 'public-gateway' : 'floating-address', sayAll(open), proof, {
      fix: fixOf(evidence, open),
    });
  const undecided = read.find((subnet) => subnet.undecided !== undefined)?.undecided;
  if (undecided !== undefined) return unknown(undecided.reason, undecided.message, proof);
  const listed = new Set(subnets.value.map(({ id }) => id));
  const unlisted = workers.flatMap(({ subnetIds }) => subnetIds).find((id) => !listed.has(id));
  if (unlisted !== undefined)
    return unknown('not-found', `subnet ${unlisted}, which a worker names, was not in the answer`, proof);
  const silent = workers.find(({ subnetIds }) => subnetIds.length === 0);
  if (silent !== undefined) return unknown('absent-field', `worker ${silent.id} names no subnet`, proof);
  const unseen = counted.filter(({ via }) => via === 'elsewhere');
  if (unseen.length > 0)
    return unknown(
      'undecidable',
      `where this leads is outside what the role can see (${central.key} declares it): ${describe(unseen)}`,
      proof,
    );
  const [doubtful] = seen;
  if (doubtful !== undefined && profile === 'closed') {
    const { protection } = doubtful;
    // What is open for sure has failed above: here either the groups or the way itself is in doubt.
    return unknown(protection.state === 'unknown' ? protection.reason : 'absent-field', say(doubtful), proof);
  }
  if (declared.length > 0)
    return pass(
      `traffic leaves by ${central.value}, as ${central.key} declares: ${describe(declared)}`,
      [{ kind: 'declared', line: `${central.key}: ${central.value}` }, ...proof],
      'declared',
    );
  if (seen.length > 0) return pass('workers leave through a public gateway, which profile private allows', proof);
  const [held] = ways;
  return held === undefined
    ? pass(`none of ${subnets.value.length} worker subnets has a path to the internet`, proof)
    : pass(say(held), proof);
}

function networksOf(ways: readonly WayOut[]): readonly string[] {
  return [...new Set(ways.flatMap(({ subnet: { vpc } }) => (vpc.told === 'yes' ? [vpc.value] : [])))].sort();
}

/** Both facts: where the way leads, and what the security groups make of it. */
function say({ via, subnet, hops, protection }: JudgedWay): string {
  const gateway = subnet.gateway.attached === 'yes' ? subnet.gateway.id : '';
  const way = via === 'gateway' ? `worker subnet ${subnet.id} has a public gateway (${gateway})` : hops.join(' → ');
  return `${way}${protection.state === 'open' ? ', and ' : '; '}${protection.message}`;
}

function sayAll(ways: readonly JudgedWay[]): string {
  return [...new Set(ways.map(say))].join('; ');
}

function describe([first, ...rest]: readonly WayOut[]): string {
  return `${first?.hops.join(' → ') ?? ''}${rest.length > 0 ? `, and ${rest.length} more` : ''}`;
}

/** Every way, and what was read of the subnets that have none. */
function subnetProof({ subnets }: IksEvidence, ways: readonly WayOut[]): readonly Proof[] {
  if (subnets.state === 'unavailable') return [];
  const { source } = subnets;
  const paths = ways.map(({ hops }): Proof => ({ kind: 'path', line: hops.join(' → '), hops, source }));
  const others = subnets.value
    .filter(({ id }) => !ways.some(({ subnet }) => subnet.id === id))
    .map(({ id, gateway, routes }): Proof => {
      const attached = gateway.attached === 'unread' ? `vpc:getSubnet: ${gateway.message}` : 'no public gateway';
      const table = routes.state === 'unavailable' ? `${routes.api}: ${routes.message}` : 'no route to the internet';
      return { kind: 'fact', line: `${id}: ${attached}, ${table}`, source };
    });
  return [...paths, ...others];
}

/** The gateway and the table belong to whoever else stands in the subnet: nothing here takes them away. */
function fixOf({ id }: IksEvidence, open: readonly WayOut[]): Fix {
  const subnets = [...new Set(open.map(({ subnet }) => subnet.id))];
  return {
    checkFirst: [
      'Whatever the workers and pods load from the internet (images, packages, webhooks) stops with the protection: mirror it to the private registry, or admit single addresses.',
      'The command works for clusters that were created at 1.30 or 4.15 or later. For older ones `ibmcloud ks vpc secure-by-default enable` comes first: it cannot be undone, and every worker has to be replaced.',
      'A public gateway or a route can be taken from the subnet instead, once you have made sure that nothing else in the subnet leaves by it.',
    ],
    commands: [
      `ibmcloud ks cluster get --cluster ${shellQuote(id)}`,
      ...subnets.map((subnet) => `ibmcloud is subnet ${shellQuote(subnet)}`),
      `ibmcloud ks vpc outbound-traffic-protection enable --cluster ${shellQuote(id)}`,
    ],
    fragments: [],
  };
}
