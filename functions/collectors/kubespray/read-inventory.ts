import type { KubesprayHost } from '#domain/evidence/kubespray.ts';
import { parseVariableFile, type VariableFile } from './ansible-yaml.ts';
import { directoryOf, type FileSource } from './files.ts';
import { parseInventory } from './inventory.ts';
import { resolveHosts } from './layers.ts';
import type { KubesprayInventoryOptions } from './options.ts';

/** Reads the hosts file, group_vars and host_vars beside it, and the extra-vars files, and resolves every host's variables. */
export async function readInventory(
  { inventory, vars }: KubesprayInventoryOptions,
  files: FileSource,
  signal: AbortSignal,
): Promise<readonly KubesprayHost[]> {
  const directory = directoryOf(inventory);
  const hosts = parseInventory(inventory, await files.read(inventory, signal));
  const [groups, hostFiles, extra] = await Promise.all([
    variableFiles(`${directory}/group_vars`, files, signal),
    variableFiles(`${directory}/host_vars`, files, signal),
    Promise.all(vars.map(async (file) => parseVariableFile(file, await files.read(file, signal)))),
  ]);
  return resolveHosts(hosts, { groups, hosts: hostFiles, extra });
}

/** `group_vars/<name>.yml`, or every file below `group_vars/<name>/` in the order of their names. */
async function variableFiles(
  directory: string,
  files: FileSource,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly VariableFile[]>> {
  const paths = (await files.list(directory, signal)).filter((path) =>
    isVariableFile(path.slice(path.lastIndexOf('/') + 1)),
  );
  const parsed = await Promise.all(
    paths.map(async (path) => ({
      name: ownerOf(path, directory),
      file: parseVariableFile(path, await files.read(path, signal)),
    })),
  );
  const byOwner = new Map<string, VariableFile[]>();
  for (const { name, file } of parsed) byOwner.set(name, [...(byOwner.get(name) ?? []), file]);
  return byOwner;
}

/** Ansible reads .yml, .yaml, .json and files without an ending, and skips hidden and backup files. */
function isVariableFile(name: string): boolean {
  return !name.startsWith('.') && !name.endsWith('~') && (!name.includes('.') || /\.(ya?ml|json)$/.test(name));
}

function ownerOf(path: string, directory: string): string {
  const [first = '', ...deeper] = path.slice(directory.length + 1).split('/');
  return deeper.length > 0 ? first : first.replace(/\.(ya?ml|json)$/, '');
}
