import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';
import { isAtLeast, parseVersion } from '#domain/kubespray/version.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';

/** A host on which the value is wrong, and where the value stands. */
export interface WrongHost {
  readonly host: string;
  readonly at: string | undefined;
}

/**
 * The variable's line with the place where it belongs, and the playbook that brings it to the cluster. Where the inventory is right and
 * only the cluster differs, the playbook alone.
 */
export function variableFix(lines: string, wrong: readonly WrongHost[], evidence: KubesprayEvidence): Fix {
  const commands = [playbook(evidence)];
  if (wrong.length === 0) return { commands, fragments: [] };
  const places = [...new Set(wrong.flatMap(({ at }) => (at !== undefined && /:\d+$/.test(at) ? [at] : [])))];
  const hosts = [...new Set(wrong.map(({ host }) => host))].join(', ');
  const where =
    places.length > 0
      ? `# in place of ${places.join(', ')} (${hosts})`
      : `# in the extra vars, or in group_vars/k8s_cluster beside ${evidence.sources.inventory} (${hosts})`;
  return { commands, fragments: [{ language: 'yaml', code: `${where}\n${lines}` }] };
}

/** Before v2.28 only the upgrade playbook renders static pods again. */
function playbook({ sources, version }: KubesprayEvidence): string {
  const release = version.state === 'given' ? parseVersion(version.value) : undefined;
  const name = release !== undefined && isAtLeast(release, 'v2.28.0') ? 'cluster.yml' : 'upgrade-cluster.yml';
  const extra = sources.vars.map((file) => `-e ${shellQuote(`@${file}`)} `).join('');
  return `ansible-playbook -b -i ${shellQuote(sources.inventory)} ${extra}${name}`;
}
