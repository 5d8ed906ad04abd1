import type { EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
import { fail, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { missingField } from './cluster.ts';

/** Security groups that nodes carry beside the cluster's own, each with whose it is. */
export interface NodeGroupIds {
  readonly owners: ReadonlyMap<string, string>;
  /** Of remote access. One that does not exist admits nobody. */
  readonly remoteAccess: ReadonlySet<string>;
  /** What may hold further groups, or is open without one. */
  readonly open: readonly Verdict[];
}

export function nodeGroupIds({ nodeGroups, instances }: EksEvidence, known: readonly string[]): NodeGroupIds {
  const owners = new Map<string, string>();
  const forAccess = new Set<string>();
  const open: Verdict[] = [];
  const add = (ids: readonly string[], owner: string) => {
    for (const id of ids) if (!known.includes(id) && !owners.has(id)) owners.set(id, owner);
  };
  if (nodeGroups.state === 'unavailable') open.push(unknownBecause(nodeGroups));
  else
    for (const group of nodeGroups.value) {
      if (group.state === 'unavailable') {
        open.push(unknownBecause(group));
        continue;
      }
      const { name, launchTemplate: template } = group.value;
      if (template.use === 'template') {
        if (template.content.state === 'unavailable') open.push(unknownBecause(template.content));
        else add(template.content.value.securityGroupIds, `launch template ${template.id} of node group ${name}`);
      }
      const access = remoteAccess(group.value);
      if (typeof access === 'string') forAccess.add(access);
      if (typeof access === 'string') add([access], `remote access of node group ${name}`);
      else if (access !== undefined) open.push(access);
    }
  if (instances.state === 'unavailable') open.push(unknownBecause(instances));
  else
    for (const { id, groupIds, interfaces } of instances.value)
      add([...groupIds, ...interfaces.flatMap((entry) => entry.groupIds)], `instance ${id}`);
  return { owners, remoteAccess: forAccess, open };
}

/**
 * A key without source groups makes EKS open port 22 (3389 on Windows) of the nodes to 0.0.0.0/0, by a group of its own that it names beside it. What that
 * group admits today decides, where it is named. Source: EKS API reference, RemoteAccessConfig.
 */
function remoteAccess({
  name,
  remoteAccess: sources,
  remoteAccessGroupId: id,
}: EksNodeGroup): string | Verdict | undefined {
  if (id.state === 'given') return id.value;
  if (id.state === 'malformed') return missingField(`remote access group of node group ${name}`, id);
  if (sources.state === 'malformed') return missingField(`remote access of node group ${name}`, sources);
  if (sources.state === 'absent' || sources.value.length > 0) return undefined;
  const line = `remote access of node group ${name} has a key and no source groups, which opens port 22 to 0.0.0.0/0`;
  return fail('remote-access-open', line, [
    { kind: 'fact', line, field: `${name}.remoteAccess.sourceSecurityGroups`, value: [] },
  ]);
}
