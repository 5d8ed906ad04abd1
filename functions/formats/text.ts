import stringWidth from 'string-width';
import { printable } from '#domain/printable.ts';

/** Scripts that are written without blanks break anywhere, and take two columns a character. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const NARROWEST = 30;

/** Breaks text at blanks; a word longer than the line stays whole, because ids are copied. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const room = Math.max(width - indent.length, NARROWEST);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text)
    .split(/\s+/)
    .flatMap((part) => pieces(part, room))) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((part) => `${indent}${part}`);
}

function pieces(word: string, room: number): readonly string[] {
  if (stringWidth(word) <= room || !WIDE.test(word)) return [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (stringWidth(part + character) > room) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

/** Text under a label: further lines stand below the text, not below the label. */
export function labelled(label: string, text: string, width: number, indent: string): readonly string[] {
  return wrap(text, width, indent + ' '.repeat(label.length)).map((line, index) =>
    index === 0 ? `${indent}${label}${line.trimStart()}` : line,
  );
}
