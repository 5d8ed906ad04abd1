/** Parsers recurse or allocate for every level, so that a few megabytes of brackets cost hundreds: counted before anything is parsed. */
export const DEEPEST = 200;

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;

/** Whether a text of JSON or XML nests deeper than any document of an API does. What is neither is left to its parser. */
export function isTooDeep(bytes: Uint8Array): boolean {
  let start = 0;
  while (start < bytes.length && isBlank(bytes[start])) start += 1;
  return bytes[start] === LESS ? isMarkupTooDeep(bytes, start) : isJsonTooDeep(bytes, start);
}

/** White space and the byte order mark. */
function isBlank(byte: number | undefined): boolean {
  return (
    byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0xef || byte === 0xbb || byte === 0xbf
  );
}

function isJsonTooDeep(bytes: Uint8Array, start: number): boolean {
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function isMarkupTooDeep(bytes: Uint8Array, start: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let depth = 0;
  for (let at = text.indexOf(LESS, start); at !== -1; at = text.indexOf(LESS, at)) {
    const next = text[at + 1];
    if (next === 0x21 || next === 0x3f) at = endOfDeclaration(text, at);
    else {
      const end = endOfTag(text, at);
      if (next === SLASH) depth -= 1;
      else if (text[end - 1] !== SLASH) depth += 1;
      if (depth > DEEPEST) return true;
      at = end;
    }
  }
  return false;
}

/** Comments, character data and processing instructions may hold anything but their own end. */
function endOfDeclaration(text: Buffer, at: number): number {
  const ends: readonly (readonly [string, string])[] = [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
    ['<!', '>'],
  ];
  const [, end = '>'] = ends.find(([begin]) => text.toString('latin1', at, at + begin.length) === begin) ?? [];
  const found = text.indexOf(end, at + 2);
  return found === -1 ? text.length : found;
}

function endOfTag(text: Buffer, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== GREATER) {
    const byte = text[at];
    const closing = byte === QUOTE || byte === APOSTROPHE ? text.indexOf(byte, at + 1) : at;
    if (closing === -1) return text.length;
    at = closing + 1;
  }
  return at;
}
