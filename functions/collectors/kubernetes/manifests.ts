import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import {
  type DocumentOptions,
  LineCounter,
  type ParseOptions,
  parseAllDocuments,
  type SchemaOptions,
  type YAMLError,
} from 'yaml';
import type { PolicyError } from '#reachability/model.ts';
import type { SourceDocument } from '#reachability/policies.ts';
import { isObject } from '#reachability/shape.ts';
import { captionIn, misindentedNear, misplacedIn } from './placement.ts';

/** Every document below a directory, with what could not be read. */
export interface Manifests {
  readonly documents: readonly SourceDocument[];
  readonly errors: readonly PolicyError[];
}

/**
 * Reads every YAML and JSON file below `directory` in the order of their paths; a single file can stand for the directory. Documents
 * that are no Kubernetes objects (Helm values, CI files) are passed over; what cannot be read is an error, and its neighbours are read.
 * Throws where the directory itself cannot be read.
 */
export async function readManifests(directory: string): Promise<Manifests> {
  if ((await stat(directory)).isFile()) return parse(basename(directory), await readFile(directory, 'utf8'));
  const found: Found = { files: [], errors: [] };
  await find(directory, '', await readdir(directory, { withFileTypes: true }), found);
  const documents: SourceDocument[] = [];
  const errors = [...found.errors];
  // One after the other: a thousand files opened at once are more than a process may hold.
  for (const file of await withoutRepetition(directory, found.files)) {
    const read = await readOne(directory, file);
    documents.push(...read.documents);
    errors.push(...read.errors);
  }
  return { documents, errors };
}

interface Found {
  readonly files: string[];
  readonly errors: PolicyError[];
}

const MANIFEST = /\.(ya?ml|json)$/i;

/** A link to a file is read. A link to a folder would lead out of the directory, or back into it: it is named instead. */
async function find(directory: string, folder: string, entries: readonly Dirent[], found: Found): Promise<void> {
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    try {
      const target = entry.isSymbolicLink() ? await stat(join(directory, path)) : entry;
      if (entry.isDirectory()) {
        await find(directory, path, await readdir(join(directory, path), { withFileTypes: true }), found);
      } else if (target.isDirectory()) {
        if (await leadsOut(directory, path)) found.errors.push(unreadable(path, 'a link to a folder is not followed'));
      } else if (target.isFile() && MANIFEST.test(entry.name)) {
        found.files.push(path);
      }
    } catch (error) {
      if (entry.isDirectory() || MANIFEST.test(entry.name)) found.errors.push(unreadable(path, messageOf(error)));
    }
  }
}

async function leadsOut(directory: string, path: string): Promise<boolean> {
  const [root, target] = await Promise.all([realpath(directory), realpath(join(directory, path))]);
  return target !== root && !target.startsWith(`${root}${sep}`);
}

/** A file that several links lead to is one file: mounted ConfigMaps are made so. */
async function withoutRepetition(directory: string, files: readonly string[]): Promise<readonly string[]> {
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const file of files) {
    const target = await realpath(join(directory, file));
    if (!seen.has(target)) kept.push(file);
    seen.add(target);
  }
  return kept.sort();
}

async function readOne(directory: string, file: string): Promise<Manifests> {
  try {
    return parse(file, await readFile(join(directory, file), 'utf8'));
  } catch (error) {
    return { documents: [], errors: [unreadable(file, messageOf(error))] };
  }
}

/**
 * YAML 1.1, as kubectl reads it: `yes` and `on` are booleans, and a label that wants them as text needs quotes. Its parser leaves dates
 * and times of day as text, which plain YAML 1.1 does not.
 */
const YAML: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: (tags) =>
    tags.filter((tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp'))),
};

function parse(file: string, text: string): Manifests {
  const json = /\.json$/i.test(file) ? jsonOf(text) : undefined;
  if (json !== undefined) return { documents: kubernetesDocuments(file, json), errors: [] };
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { ...YAML, lineCounter: lines });
  const read = (Array.isArray(parsed) ? parsed : []).map((document): Manifests => {
    const [broken] = document.errors;
    if (broken !== undefined) return notYaml(file, text, broken);
    try {
      const misplaced = misplacedIn(document, lines);
      const documents = kubernetesDocuments(file, document.toJS());
      return {
        documents: misplaced.length === 0 ? documents : documents.map((one) => ({ ...one, misplaced })),
        errors: [],
      };
    } catch (error) {
      // Aliases that multiply without end are refused only when they are resolved.
      return { documents: [], errors: [unreadable(file, messageOf(error))] };
    }
  });
  return { documents: read.flatMap(({ documents }) => documents), errors: read.flatMap(({ errors }) => errors) };
}

/** What is wrong with the text, in words that lead to the line that has to be changed. */
function notYaml(file: string, text: string, broken: YAMLError): Manifests {
  if (text.includes('{{')) {
    const hint = ' (a template has to be rendered first, as helm template does)';
    return { documents: [], errors: [unreadable(file, broken.message, hint)] };
  }
  const caption = captionIn(text);
  if (caption !== undefined) {
    const message = `line ${caption.line}: "Code language: ..." is the caption of a web page that was copied with the code: remove it`;
    // Nobody could apply the rest as it stands: what else is wrong with it is all that is taken from it.
    const { documents, errors } = parse(file, caption.without);
    const further = documents.flatMap(({ misplaced = [] }) => misplaced.map((one) => unreadable(file, one.message)));
    return { documents: [], errors: [unreadable(file, message), ...errors, ...further] };
  }
  const [start] = broken.linePos ?? [];
  const place = start === undefined ? undefined : misindentedNear(text, start.line);
  return { documents: [], errors: [unreadable(file, place === undefined ? broken.message : `not YAML: ${place}`)] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** No object of Kubernetes comes near. What is nested deeper ends the stack of whoever walks it, and its neighbours with it. */
const DEEPEST = 500;

function kubernetesDocuments(file: string, content: unknown): readonly SourceDocument[] {
  if (isDeeperThan(DEEPEST, content)) throw new Error(`nested more than ${DEEPEST} levels deep`);
  return isObject(content) && typeof content['kind'] === 'string' ? [{ file, content }] : [];
}

/** Level by level, so that the walk itself needs no stack. */
function isDeeperThan(levels: number, content: unknown): boolean {
  let level: readonly unknown[] = [content];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return false;
}

/** Plain JSON, read the fast way; what is none goes through YAML, which says what is wrong with it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(file: string, message: string, hint = ''): PolicyError {
  const [line = message] = message.split('\n');
  return { file, resource: '', field: '', message: `${line.replace(/:$/, '')}${hint}`, kind: 'invalid' };
}
