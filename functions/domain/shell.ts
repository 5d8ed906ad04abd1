/**
 * One word of a POSIX shell command line. Remedies are copied into terminals, and names, tags and ids are somebody else's text: whatever is
 * not plain is put between single quotes, where nothing has a meaning but the quote itself.
 */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
