import * as v from 'valibot';
import { type Collected, collected } from '#domain/collected.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import { isUnresolved } from '../transport/connection.ts';
import type { Refusal } from '../transport/refusal.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';
import { hasNoSuchCall, isForeign, type SignedRequest } from './signed.ts';

/**
 * What may bring a central endpoint into a VPC by its name: Route 53 Profiles and forwarding rules of the Resolver, the owner's own ones and
 * shared ones. Read once for all VPCs of the region.
 */
export interface CentralDns {
  readonly profiles: (vpcId: string) => EksVpc['profiles'];
  readonly forwardedDomains: (vpcId: string) => EksVpc['forwardedDomains'];
}

const ProfileAssociations = v.object({
  ProfileAssociations: v.array(v.object({ ProfileId: v.string(), ResourceId: v.string() })),
});
const ProfileResources = v.object({ ProfileResourceAssociations: v.array(v.object({ ResourceArn: v.string() })) });
const RuleAssociations = v.object({
  ResolverRuleAssociations: v.array(v.object({ ResolverRuleId: v.string(), VPCId: v.string() })),
});
const Rules = v.object({
  ResolverRules: v.array(v.object({ Id: v.string(), DomainName: v.optional(v.string(), ''), RuleType: v.string() })),
});

/** Every VPC has this rule for the rest of the internet. */
const AUTODEFINED = 'rslvr-autodefined-';

export async function readCentralDns(
  vpcIds: readonly string[],
  clients: RegionClients,
  reading: Reading,
): Promise<CentralDns> {
  const [profiles, rules] = await Promise.all([
    readProfiles(vpcIds, clients, reading),
    readForwardedDomains(vpcIds, clients, reading),
  ]);
  return { profiles: ofVpc(profiles), forwardedDomains: ofVpc(rules) };
}

interface Named {
  readonly vpcId: string;
  readonly name: string;
}

function ofVpc(part: Collected<readonly Named[]>): (vpcId: string) => Collected<string[]> {
  return (vpcId) =>
    part.state === 'unavailable'
      ? part
      : collected(
          part.value.filter((entry) => entry.vpcId === vpcId).map(({ name }) => name),
          part.source,
        );
}

async function readProfiles(
  vpcIds: readonly string[],
  clients: RegionClients,
  reading: Reading,
): Promise<Collected<readonly Named[]>> {
  const associated = await reading.part(
    'route53profiles:ListProfileAssociations',
    async (signal) => {
      const all = await list(clients, signal, ProfileAssociations, 'ProfileAssociations', (nextToken) => ({
        service: 'route53profiles',
        method: 'GET',
        path: '/profileassociations',
        query: { maxResults: '100', ...(nextToken === undefined ? {} : { nextToken }) },
      }));
      return all
        .filter(({ ResourceId }) => vpcIds.includes(ResourceId))
        .map(({ ResourceId, ProfileId }) => ({ vpcId: ResourceId, name: ProfileId }));
    },
    // A page instead of an answer is taken for a region without Profiles: that can only make a missing endpoint a FAIL, never a PASS.
    { expected: (refusal) => (isNotThere(refusal) || isForeign(refusal) ? [] : undefined) },
  );
  if (associated.state === 'unavailable' || associated.value.length === 0) return associated;
  // A Profile of firewall rules alone brings no names.
  return reading.part('route53profiles:ListProfileResourceAssociations', async (signal) => {
    const bringing = new Set<string>();
    for (const id of new Set(associated.value.map(({ name }) => name))) {
      const resources = await list(clients, signal, ProfileResources, 'ProfileResourceAssociations', (nextToken) => ({
        service: 'route53profiles',
        method: 'GET',
        path: `/profileresourceassociations/profileid/${encodeURIComponent(id)}`,
        query: { maxResults: '100', ...(nextToken === undefined ? {} : { nextToken }) },
      }));
      if (resources.some(({ ResourceArn }) => !ResourceArn.includes(':firewall-rule-group'))) bringing.add(id);
    }
    return associated.value.filter(({ name }) => bringing.has(name));
  });
}

async function readForwardedDomains(
  vpcIds: readonly string[],
  clients: RegionClients,
  reading: Reading,
): Promise<Collected<readonly Named[]>> {
  const associated = await reading.part(
    'route53resolver:ListResolverRuleAssociations',
    async (signal) => {
      const all = await list(clients, signal, RuleAssociations, 'ResolverRuleAssociations', (NextToken) =>
        resolverRequest('ListResolverRuleAssociations', NextToken),
      );
      return all
        .filter(({ VPCId, ResolverRuleId }) => vpcIds.includes(VPCId) && !ResolverRuleId.startsWith(AUTODEFINED))
        .map(({ VPCId, ResolverRuleId }) => ({ vpcId: VPCId, name: ResolverRuleId }));
    },
    { expected: (refusal) => (isNotThere(refusal) ? [] : undefined) },
  );
  if (associated.state === 'unavailable' || associated.value.length === 0) return associated;
  return reading.part('route53resolver:ListResolverRules', async (signal) => {
    const rules = await list(clients, signal, Rules, 'ResolverRules', (NextToken) =>
      resolverRequest('ListResolverRules', NextToken),
    );
    return associated.value.flatMap(({ vpcId, name }) => {
      const rule = rules.find(({ Id }) => Id === name);
      if (rule === undefined) throw new SyntaxError(`the answer lacks resolver rule ${name}`);
      // SYSTEM rules keep a domain with Amazon's resolver.
      return rule.RuleType === 'SYSTEM' ? [] : [{ vpcId, name: rule.DomainName.replace(/\.$/, '').toLowerCase() }];
    });
  });
}

/** The resolver has one address; the action is in a header. */
export function resolverRequest(action: string, NextToken: string | undefined): SignedRequest {
  return {
    service: 'route53resolver',
    method: 'POST',
    path: '/',
    target: `Route53Resolver.${action}`,
    body: { MaxResults: 100, ...(NextToken === undefined ? {} : { NextToken }) },
  };
}

/** Both services are not in every region and partition. Then nobody can have made anything of theirs. */
export function isNotThere(refusal: Refusal): boolean {
  return hasNoSuchCall(refusal) || isUnresolved(refusal);
}

async function list<const K extends string, T>(
  { signed }: RegionClients,
  signal: AbortSignal,
  schema: v.GenericSchema<unknown, Readonly<Record<K, readonly T[]>>>,
  key: K,
  request: (token: string | undefined) => SignedRequest,
): Promise<readonly T[]> {
  return everyPage(async (next) => {
    const answer = await signed(request(next), signal);
    const parsed = v.safeParse(schema, answer);
    if (!parsed.success) throw new SyntaxError(`the answer holds no ${key}`);
    const token = answer['NextToken'];
    return { items: parsed.output[key], token: typeof token === 'string' ? token : undefined };
  });
}
