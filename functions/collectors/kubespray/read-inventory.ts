import type { KubesprayHost, UnusedFile } from '#domain/evidence/kubespray.ts';
import { parseVersion } from '#domain/kubespray/version.ts';
import { BrokenFile, parseVariableFile, type VariableFile } from './ansible-yaml.ts';
import { directoryOf, FileMissing, type FileSource } from './files.ts';
import { parseInventory } from './inventory.ts';
import { resolveHosts } from './layers.ts';
import type { KubesprayInventoryOptions } from './options.ts';
import { type OwnedFiles, unusedFiles } from './unused-files.ts';

export interface InventoryReading {
  readonly hosts: readonly KubesprayHost[];
  readonly unusedFiles: readonly UnusedFile[];
}

/** Reads the hosts file, group_vars and host_vars beside it, and the extra-vars files, and resolves every host's variables. */
export async function readInventory(
  options: KubesprayInventoryOptions,
  files: FileSource,
  signal: AbortSignal,
): Promise<InventoryReading> {
  const file = await hostsFile(options.inventory, files, signal);
  const directory = directoryOf(file);
  const inventory = parseInventory(file, await files.read(file, signal));
  const [groups, hosts, extra] = await Promise.all([
    variableFiles(`${directory}/group_vars`, files, signal),
    variableFiles(`${directory}/host_vars`, files, signal),
    Promise.all(options.vars.map((path) => extraFile(path, files, signal))),
  ]);
  const read = resolveHosts(
    inventory,
    { groups: groups.used, hosts: hosts.used, extra },
    {
      version: options.version === undefined ? undefined : parseVersion(options.version),
      directory,
      vaulted: options.vaulted,
    },
  );
  return { hosts: read, unusedFiles: unusedFiles(inventory, read, groups, hosts) };
}

/** One entry of `vars`. Ansible takes files there, and no folder. */
async function extraFile(path: string, files: FileSource, signal: AbortSignal): Promise<VariableFile> {
  try {
    return parseVariableFile(path, await files.read(path, signal));
  } catch (error) {
    const isFolder = error instanceof Error && 'code' in error && error.code === 'EISDIR';
    if (signal.aborted || !(isFolder || error instanceof FileMissing)) throw error;
    const folder = path.replace(/\/+$/, '');
    const inside = (await files.list(folder, signal)).map((file) => file.slice(folder.length + 1));
    if (inside.length === 0 && !isFolder) throw new FileMissing(`vars: ${path} does not exist`, { cause: error });
    const names = inside.filter((name) => /\.(ya?ml|json)$/.test(name));
    const list = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;
    throw new BrokenFile(
      `vars: ${path} is a folder: name the files themselves, in their order${names.length === 0 ? '' : ` (${list})`}`,
      { cause: error },
    );
  }
}

const HOSTS_FILE = /^(hosts|inventory)(\.(ini|ya?ml|json))?$/;

/** The path itself, or the one hosts file in the directory that it names. */
async function hostsFile(path: string, files: FileSource, signal: AbortSignal): Promise<string> {
  const directory = path.replace(/\/+$/, '');
  const inside = await files.list(directory, signal);
  if (inside.length === 0) return path;
  const found = inside.filter((file) => HOSTS_FILE.test(file.slice(directory.length + 1)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const seen = found.length === 0 ? 'none' : found.map((file) => file.slice(directory.length + 1)).join(', ');
  throw new BrokenFile(`${path}: expected one hosts file in this directory (hosts.yaml, inventory.ini), found ${seen}`);
}

/**
 * The files of each group or host: every file below the directory of its name, or else the one file of its name. Where there is a
 * directory, Ansible does not look at `<name>.yml` beside it.
 */
async function variableFiles(directory: string, files: FileSource, signal: AbortSignal): Promise<OwnedFiles> {
  const below = (await files.list(directory, signal)).map((path) => path.slice(directory.length + 1).split('/'));
  const owners = Map.groupBy(below, ([first = '', ...deeper]) => (deeper.length > 0 ? first : ownerOf(first)));
  const parse = async (parts: readonly string[]) => {
    const path = `${directory}/${parts.join('/')}`;
    return parseVariableFile(path, await files.read(path, signal));
  };
  const parsed = [...owners].map(async ([owner, paths]) => {
    const chosen = chooseFiles(paths);
    const beside = paths.filter((parts) => parts.length === 1 && isVariableFile(parts) && !chosen.includes(parts));
    return {
      owner,
      used: await Promise.all(chosen.map(parse)),
      passedOver: await Promise.all(beside.map(async (parts) => ({ ...(await parse(parts)), folder: owner }))),
    };
  });
  const all = await Promise.all(parsed);
  return {
    used: new Map(all.map(({ owner, used }) => [owner, used])),
    passedOver: all.flatMap(({ passedOver }) => passedOver),
  };
}

function ownerOf(name: string): string {
  return name.replace(/\.(ya?ml|json)$/, '');
}

const ENDINGS = ['', '.yml', '.yaml', '.json'];

/** Reference: `find_vars_files` of Ansible's data loader. */
function chooseFiles(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const inDirectory = paths.filter((parts) => parts.length > 1);
  if (inDirectory.length > 0) return inDirectory.filter(isVariableFile).toSorted(byParts);
  const ending = ([name = '']: readonly string[]) => ENDINGS.indexOf(name.slice(ownerOf(name).length));
  return paths
    .filter(isVariableFile)
    .toSorted((a, b) => ending(a) - ending(b))
    .slice(0, 1);
}

/** Hidden and backup files and directories are passed over; a directory has no ending, a file .yml, .yaml, .json or none. */
function isVariableFile(parts: readonly string[]): boolean {
  return parts.every((part, index) => {
    if (part.startsWith('.') || part.endsWith('~')) return false;
    // The directory of a group or host may be called anything.
    if (index === 0 && parts.length > 1) return true;
    return !part.includes('.') || (index === parts.length - 1 && /\.(ya?ml|json)$/.test(part));
  });
}

/** Directory by directory, by name. */
function byParts(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1;
}
