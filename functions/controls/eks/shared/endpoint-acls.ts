import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint, EksSubnet } from '#domain/evidence/eks-network.ts';
import { type AclPath, aclPath, aclPathToPublic } from './acl-path.ts';
import { type CallContext, defect, type Interfaces, type Usability, unknownUse } from './endpoint-use.ts';

/** The name that the nodes call resolves to every interface in turn, so each of them must be reached from every node subnet. */
export function interfaceAcls({ id, subnetIds }: Interfaces, { evidence, nodes }: CallContext): Usability | undefined {
  return firstTrouble(
    id,
    nodes.subnets.flatMap((subnet) => subnetIds.map((target) => aclPath(subnet, target, evidence))),
  );
}

export function gatewayAcls({ id }: EksEndpoint, { evidence, nodes }: CallContext): Usability | undefined {
  return firstTrouble(
    id,
    nodes.subnets.map((subnet) => aclPathToPublic(subnet, id, evidence)),
  );
}

function firstTrouble(id: string, paths: readonly AclPath[]): Usability | undefined {
  const shut = paths.find((path) => path.kind === 'shut');
  if (shut !== undefined) return defect('network-acl', `${id} is not reached from ${shut.line}`, shut.fix);
  const open = paths.find((path) => path.kind === 'undecided');
  return open === undefined ? undefined : unknownUse(open.reason, `${id}: ${open.message}`);
}

/** The rules on the way to an endpoint: to an interface in another subnet where one is refused or there is one, and none inside the subnet. */
export function aclHops(
  { id, type, subnetIds }: EksEndpoint,
  subnet: EksSubnet,
  evidence: EksEvidence,
): { readonly request: readonly string[]; readonly answer: readonly string[]; readonly arrives: boolean } {
  const paths =
    type.toLowerCase() === 'gateway'
      ? [aclPathToPublic(subnet, id, evidence)]
      : subnetIds.filter((target) => target !== subnet.id).map((target) => aclPath(subnet, target, evidence));
  const shown = paths.find(({ kind }) => kind === 'shut') ?? paths.find(({ kind }) => kind === 'open');
  if (shown === undefined || shown.kind === 'undecided') return { request: [], answer: [], arrives: true };
  return {
    request: shown.request,
    answer: shown.answer,
    arrives: shown.kind === 'open' || shown.answer.length > 0,
  };
}

/**
 * The control plane has interfaces in two or more of the cluster's subnets, and which ones is not read: where fewer than two are reached, one interface is
 * behind an ACL that refuses; where two are, it depends. Source: EKS user guide, VPC and subnet requirements.
 */
export function controlPlaneAcls(
  subnet: EksSubnet,
  { id, subnetIds }: Interfaces,
  { evidence }: CallContext,
): Usability | undefined {
  const paths = [...new Set(subnetIds)].map((target) => aclPath(subnet, target, evidence));
  const shut = paths.filter((path) => path.kind === 'shut');
  const [first] = shut;
  if (first === undefined || paths.length - shut.length < 2) return firstTrouble(id, paths);
  return unknownUse('undecidable', `${id} may have an interface that is not reached from ${first.line}`);
}
