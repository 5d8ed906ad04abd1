/**
 * ARM ids fill several lines of a terminal or a message: their last type and name tell the same to people. Whoever needs the whole id finds it
 * in the finding.
 */
export function shortIds(text: string): string {
  return text.replaceAll(/\/subscriptions\/[^\s→]{1,2000}\/([^\s/→]{1,260}\/[^\s/→]{1,260})/gi, '$1');
}
