import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint, EksSubnet } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Fix, Proof } from '#domain/verdict.ts';
import { aclHops } from './endpoint-acls.ts';
import { effectiveTable } from './paths.ts';
import { hostOf } from './services.ts';

/** How the nodes reach one AWS service, and through which endpoint of their VPC. */
export type Access = { readonly service: string; readonly line: string; readonly endpoint?: EksEndpoint } & (
  | { readonly kind: 'ok' | 'not-offered' | 'declared' | 'missing' }
  | { readonly kind: 'broken'; readonly reason: string; readonly fix: Fix }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason }
);

/**
 * The way from one node subnet to one service: `subnet-1 → acl-3 rule 100 → vpce-2 → acl-3 rule 100 (answer) → ec2.<region>.amazonaws.com`. The rules of
 * network ACLs stand where one is asked.
 */
export function servicePath(access: Access, subnet: EksSubnet, evidence: EksEvidence): Proof {
  const hops = [subnet.id, ...throughOf(access, subnet, evidence), endOf(access, evidence)];
  return { kind: 'path', line: hops.join(' → '), field: `${subnet.id}/${access.service}`, value: access.kind, hops };
}

function throughOf({ endpoint }: Access, subnet: EksSubnet, evidence: EksEvidence): readonly string[] {
  if (endpoint === undefined) return [];
  const { request, answer, arrives } = aclHops(endpoint, subnet, evidence);
  return [...listRouteTo(endpoint, subnet, evidence), ...request, ...(arrives ? [endpoint.id] : []), ...answer];
}

/** A gateway endpoint is a target in the subnet's route table; an interface is an address in the VPC. */
function listRouteTo(endpoint: EksEndpoint, subnet: EksSubnet, { network }: EksEvidence): readonly string[] {
  if (endpoint.type.toLowerCase() !== 'gateway') return [];
  const table = effectiveTable(subnet, network);
  if ('state' in table) return ['route table not known'];
  const route = table.routes.find(({ targetId }) => targetId === endpoint.id);
  return route === undefined ? [table.id] : [table.id, route.destination];
}

function endOf(access: Access, { region, partition }: EksEvidence): string {
  const host = hostOf(access.service, region, partition);
  switch (access.kind) {
    case 'ok':
      return host;
    case 'broken':
      return `${host} not reached: ${access.reason}`;
    case 'missing':
      return `${host} not reached: no endpoint`;
    case 'declared':
      return `${host}, as declared`;
    case 'not-offered':
      return `${access.service} is not offered here`;
    case 'unknown':
      return `${host} not decided: ${access.reason}`;
  }
}
