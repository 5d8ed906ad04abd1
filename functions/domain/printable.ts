/** On one line, and without what steers a terminal or turns the order in which people read: for names and texts that a provider sends. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, ' ');
}
