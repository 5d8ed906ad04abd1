import { KUBESPRAY_VARIABLES, type KubesprayHost, type UnusedFile } from '#domain/evidence/kubespray.ts';
import type { VariableFile } from './ansible-yaml.ts';
import type { Inventory } from './inventory.ts';

export interface OwnedFiles {
  /** By the group or host to which they belong. */
  readonly used: ReadonlyMap<string, readonly VariableFile[]>;
  /** Files beside a folder of the same name, which Ansible reads instead. */
  readonly passedOver: readonly (VariableFile & { readonly folder: string })[];
}

/** Files that lie where Ansible looks, and that no host gets: what they set has no effect, though whoever wrote it believes so. */
export function unusedFiles(
  { groups }: Inventory,
  hosts: readonly KubesprayHost[],
  groupFiles: OwnedFiles,
  hostFiles: OwnedFiles,
): readonly UnusedFile[] {
  const inhabited = new Set(hosts.flatMap((host) => host.groups));
  const names = new Set(hosts.map(({ name }) => name));
  const ofGroups = [...groupFiles.used].flatMap(([owner, files]) => {
    if (inhabited.has(owner)) return [];
    const because = groups.has(owner)
      ? `the group ${owner} has no host`
      : `no group is called ${owner}${meant(owner, inhabited)}`;
    return files.map((file) => asUnused(file, because));
  });
  const ofHosts = [...hostFiles.used].flatMap(([owner, files]) =>
    names.has(owner) ? [] : files.map((file) => asUnused(file, `no host is called ${owner}${meant(owner, names)}`)),
  );
  const passedOver = [...groupFiles.passedOver, ...hostFiles.passedOver].map((file) =>
    asUnused(file, `Ansible reads the files of ${file.folder} that come first, and not this one`),
  );
  return [...ofGroups, ...ofHosts, ...passedOver].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Hyphens and underscores are what names of groups are confused by. */
function meant(name: string, known: ReadonlySet<string>): string {
  const plain = (text: string) => text.replaceAll('-', '_').toLowerCase();
  const near = [...known].find((one) => plain(one) === plain(name));
  return near === undefined ? '' : `, ${near} is`;
}

function asUnused({ file, variables }: VariableFile, because: string): UnusedFile {
  return {
    file,
    because,
    variables: KUBESPRAY_VARIABLES.flatMap((name) => {
      const value = variables.get(name);
      return value === undefined ? [] : [{ name, line: value.line }];
    }),
  };
}
