import { BrokenFile, literalOrTemplate } from './ansible-yaml.ts';
import { type Draft, expand, groupOf, hostOf } from './inventory-draft.ts';

interface Section {
  readonly name: string;
  readonly kind: string;
}

/** Reference: Ansible's ini inventory plugin. */
export function readIni(draft: Draft, file: string, text: string): void {
  let section: Section = { name: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)[#;].*/s, '').trim();
    if (line === '') continue;
    const header = /^\[([^\]:]+)(?::(children|vars))?\]$/.exec(line);
    if (header !== null) {
      section = { name: header[1] ?? '', kind: header[2] ?? 'hosts' };
      groupOf(draft, section.name);
    } else if (line.startsWith('[')) {
      throw new BrokenFile(`${file}:${index + 1}: expected [group], [group:children] or [group:vars], found ${line}`);
    } else {
      readLine(draft, file, index + 1, section, line);
    }
  }
}

function readLine(draft: Draft, file: string, line: number, { name, kind }: Section, text: string): void {
  const group = groupOf(draft, name);
  if (kind === 'children') {
    group.children.add(text);
    groupOf(draft, text);
  } else if (kind === 'vars') {
    const { key, value } = assignment(file, line, text);
    group.variables.set(key, literalOrTemplate(pythonLiteral(value), file, line));
  } else {
    const [pattern = '', ...rest] = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
    for (const host of expand(file, line, withoutPort(pattern))) {
      group.hosts.add(host);
      const own = hostOf(draft, host);
      for (const part of rest) {
        const { key, value } = assignment(file, line, part);
        // A host line is split as a shell would do it: the outer quotes are gone before the value is looked at.
        own.set(key, literalOrTemplate(pythonLiteral(value.replace(/^(["'])(.*)\1$/, '$2')), file, line));
      }
    }
  }
}

/** `node1:2222` is a host with its SSH port. */
function withoutPort(pattern: string): string {
  return /^[^:[\]]+:\d+$/.test(pattern) || /\]:\d+$/.test(pattern) ? pattern.replace(/:\d+$/, '') : pattern;
}

function assignment(file: string, line: number, text: string): { readonly key: string; readonly value: string } {
  const at = text.indexOf('=');
  if (at <= 0) throw new BrokenFile(`${file}:${line}: expected name=value, found ${text}`);
  return { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/**
 * Ansible takes values for Python literals where they are some: `True`, 12, 'text' and lists and mappings of them are typed; everything
 * else (`true`, `yes`) stays text.
 */
function pythonLiteral(text: string): unknown {
  // A quote without its partner takes the rest of the line with it, or each further one would be looked for to the end again.
  const tokens = /'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|['"].*|\b(True|False|None)\b/gs;
  const asJson = text.replace(tokens, (part, single, word) => {
    if (word !== undefined) return { True: 'true', False: 'false', None: 'null' }[String(word)] ?? part;
    return single === undefined ? part : JSON.stringify(String(single).replace(/\\(.)/g, '$1'));
  });
  // JSON's own words are no Python.
  if (/^(true|false|null)$/.test(text)) return text;
  try {
    return JSON.parse(asJson);
  } catch {
    return text;
  }
}
