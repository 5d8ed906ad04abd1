/** Targets of application rules: names with wildcards, or a tag, category or URL behind its prefix. */

/** Only wildcards, dots and slashes: `*`, `*.*`, a URL of any host and path. */
export function isAny(target: string): boolean {
  const words = target.replace(/^url:(?:https?:\/\/)?/, '');
  return words.includes('*') && /^[*./]+$/.test(words);
}

/** Whether a rule's target speaks of a name, or of a tag, category or URL spelled as in the rule itself. */
export function matchesTarget(name: string, target: string): boolean {
  if (isAny(target) || name === target) return true;
  if (/^(?:tag|category|url):/.test(name) || /^(?:tag|category|url):/.test(target)) return false;
  const pattern = target.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(name);
}
