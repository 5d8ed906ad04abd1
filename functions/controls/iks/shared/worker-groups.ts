import type { IksEvidence, IksSecurityGroup } from '#domain/evidence/ibm.ts';
import { type AddressRange, intersect, parseRange } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Proof } from '#domain/verdict.ts';
import { INTERNET } from './vpc-routes.ts';

/** What the security groups of the workers make of a way out. */
export type Protection =
  | { readonly state: 'open'; readonly message: string }
  | { readonly state: 'closed'; readonly message: string }
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly message: string };

/**
 * Outbound traffic protection, as the groups show it: they are additive, so that one group of the workers that lets out suffices. Private
 * destinations, IBM's own network, other groups and single public addresses (the cluster's own balancer, IAM, a name server) let nothing out that
 * would be a path to the internet. Source: IBM Cloud Kubernetes Service, secure by default networking.
 */
export function protectionOf({ securityGroups }: IksEvidence, ranges: readonly AddressRange[]): Protection {
  if (securityGroups.state === 'unavailable') {
    const { reason, message } = securityGroups;
    return { state: 'unknown', reason, message: `the security groups of the workers: ${message}` };
  }
  const judged = securityGroups.value.map((group) => ({ group, exit: exitOf(group, ranges) }));
  const own = judged.filter(({ group }) => group.workers === 'yes');
  const perhaps = judged.filter(({ group }) => group.workers === 'perhaps');
  const open = own.find(({ exit }) => exit.state === 'open');
  if (open !== undefined)
    return { state: 'open', message: `security group ${open.group.name} allows egress to ${open.exit.words}` };
  if (judged.length === 0)
    return { state: 'open', message: 'no security group of the workers was found that would hold it back' };
  // Workers are in one group at least.
  if (own.length === 0 && perhaps.every(({ exit }) => exit.state === 'open'))
    return {
      state: 'open',
      message: `each security group that the workers may be in allows egress (${namesOf(perhaps)})`,
    };
  const unread = own.find(({ exit }) => exit.state === 'unknown');
  if (unread?.exit.state === 'unknown')
    return { state: 'unknown', reason: unread.exit.reason, message: unread.exit.words };
  const doubt = perhaps.filter(({ exit }) => exit.state !== 'closed');
  if (doubt.length > 0)
    return {
      state: 'unknown',
      reason: 'undecidable',
      message: `whether the workers are in security group ${namesOf(doubt)}, which allows egress, is not known from what was read (containers:getSecurityGroups reports it)`,
    };
  return {
    state: 'closed',
    message: `outbound traffic protection holds: security group ${namesOf(own.length > 0 ? own : perhaps)} allows egress to private and IBM’s own addresses only${singles(judged.map(({ group }) => group))}`,
  };
}

function namesOf(groups: readonly { readonly group: IksSecurityGroup }[]): string {
  return groups.map(({ group }) => group.name).join(', ');
}

type Exit =
  | { readonly state: 'open' | 'closed'; readonly words: string }
  | { readonly state: 'unknown'; readonly words: string; readonly reason: UnknownReason };

function exitOf({ name, outbound }: IksSecurityGroup, ways: readonly AddressRange[]): Exit {
  if (outbound.state === 'unavailable') return { state: 'unknown', words: outbound.message, reason: outbound.reason };
  const open = outbound.value.find(({ remote }) => {
    const range = remote.kind === 'range' ? parseRange(remote.range) : undefined;
    return (
      range !== undefined &&
      !isSingle(range) &&
      ways.some((way) => intersect(way, intersect(range, INTERNET)).length > 0)
    );
  });
  if (open?.remote.kind === 'range') return { state: 'open', words: `${open.remote.range} (${open.protocol})` };
  for (const { remote } of outbound.value) {
    const odd =
      remote.kind === 'unknown'
        ? remote.raw
        : remote.kind === 'range' && parseRange(remote.range) === undefined
          ? remote.range
          : undefined;
    if (odd !== undefined)
      return { state: 'unknown', words: `security group ${name} has a rule for ${odd}`, reason: 'unrecognised-value' };
  }
  return { state: 'closed', words: name };
}

function isSingle({ first, last }: AddressRange): boolean {
  return first === last;
}

/** Public addresses that are admitted one by one. */
function singles(groups: readonly IksSecurityGroup[]): string {
  const found = groups.flatMap(({ outbound }) =>
    outbound.state === 'collected'
      ? outbound.value.flatMap(({ remote }) => (remote.kind === 'range' ? [remote.range] : []))
      : [],
  );
  const single = new Set(
    found.filter((text) => {
      const range = parseRange(text);
      return range !== undefined && isSingle(range) && intersect(range, INTERNET).length > 0;
    }),
  );
  return single.size === 0 ? '' : `, and to single public addresses (${[...single].sort().slice(0, 5).join(', ')})`;
}

/** The rules that were read, group by group. */
export function groupProof({ securityGroups }: IksEvidence): readonly Proof[] {
  if (securityGroups.state === 'unavailable') return [];
  const { source } = securityGroups;
  return securityGroups.value.map(({ name, workers, outbound }): Proof => {
    const remotes =
      outbound.state === 'collected'
        ? outbound.value.map(({ remote }) =>
            remote.kind === 'range' ? remote.range : remote.kind === 'group' ? `group ${remote.id}` : remote.raw,
          )
        : [outbound.message];
    const whose = workers === 'yes' ? 'of the workers' : 'perhaps of the workers';
    const line = `security group ${name} (${whose}) allows egress to ${remotes.length === 0 ? 'nothing' : remotes.join(', ')}`;
    return { kind: 'fact', line, field: `security group ${name}`, value: remotes, source };
  });
}
