/**
 * One word of a POSIX shell command line. Remedies are copied into terminals, and names, tags and ids are somebody else's text: a word that is
 * not plain is put between single quotes, where nothing has a meaning but the quote itself.
 */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
