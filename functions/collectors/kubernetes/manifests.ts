import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { PolicyError } from '#domain/reachability/model.ts';
import type { SourceDocument } from '#domain/reachability/policies.ts';
import { isObject } from '#domain/reachability/shape.ts';

/** Every document below a directory, with what could not be read. */
export interface Manifests {
  readonly documents: readonly SourceDocument[];
  readonly errors: readonly PolicyError[];
}

/**
 * Reads every YAML and JSON file below `directory` in the order of their paths; a single file can stand for the directory. Documents
 * that are no Kubernetes objects (Helm values, CI files) are passed over; one that is no YAML is an error, and its neighbours are read.
 * Throws where the directory itself cannot be read.
 */
export async function readManifests(directory: string): Promise<Manifests> {
  const files = (await stat(directory)).isFile() ? [''] : await filesBelow(directory);
  const read = await Promise.all(
    files.map(async (file) => parse(file === '' ? directory : file, await readFile(join(directory, file), 'utf8'))),
  );
  return { documents: read.flatMap(({ documents }) => documents), errors: read.flatMap(({ errors }) => errors) };
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/i.test(entry.name))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

/** YAML 1.1, as kubectl reads it: `yes` and `on` are booleans, and a label that wants them as text needs quotes. */
function parse(file: string, text: string): Manifests {
  const json = /\.json$/i.test(file) ? jsonOf(text) : undefined;
  if (json !== undefined) return { documents: kubernetesDocuments(file, json), errors: [] };
  const parsed = parseAllDocuments(text, { version: '1.1' });
  const read = (Array.isArray(parsed) ? parsed : []).map((document): Manifests => {
    const [broken] = document.errors;
    if (broken !== undefined) return { documents: [], errors: [unreadable(file, broken.message)] };
    try {
      return { documents: kubernetesDocuments(file, document.toJS()), errors: [] };
    } catch (error) {
      // Aliases that multiply without end are refused only when they are resolved.
      return { documents: [], errors: [unreadable(file, error instanceof Error ? error.message : String(error))] };
    }
  });
  return { documents: read.flatMap(({ documents }) => documents), errors: read.flatMap(({ errors }) => errors) };
}

function kubernetesDocuments(file: string, content: unknown): readonly SourceDocument[] {
  return isObject(content) && typeof content['kind'] === 'string' ? [{ file, content }] : [];
}

/** Plain JSON, read the fast way; what is none goes through YAML, which says what is wrong with it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(file: string, message: string): PolicyError {
  const [line = message] = message.split('\n');
  return { file, resource: '', field: '', message: line.replace(/:$/, ''), kind: 'invalid' };
}
