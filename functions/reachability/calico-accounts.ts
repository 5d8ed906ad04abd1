import { parseCalicoSelector } from './calico-selector.ts';
import type { CompileContext } from './context.ts';
import type { PodView, Rule } from './model.ts';
import type { Problems } from './problems.ts';
import { items, type Json } from './shape.ts';

interface AccountContext {
  readonly action: Rule['action'];
  readonly field: string;
  readonly context: CompileContext;
  readonly problems: Problems;
}

/** `serviceAccounts: {names, selector}` of a rule; undefined where neither is given. */
export function accountMatch(
  { names, selector }: Json,
  { action, field, context, problems }: AccountContext,
): { readonly matches: (pod: PodView) => boolean; readonly words: string } | undefined {
  const wanted = new Set(items(names).map(String));
  const text = String(selector ?? '');
  if (wanted.size === 0 && text === '') return undefined;
  const byName = ({ serviceAccount }: PodView) => wanted.size === 0 || wanted.has(serviceAccount);
  // Whom an account's labels would let through counts as let through while they are not known; whom they would stop, as not stopped.
  const byLabels =
    text === ''
      ? () => true
      : accountSelector(text, `${field}.serviceAccounts.selector`, context, problems, action === 'accept');
  const words = [...(wanted.size === 0 ? [] : [[...wanted].join(', ')]), ...(text === '' ? [] : [`with ${text}`])];
  return { matches: (pod) => byName(pod) && byLabels(pod), words: `of service accounts ${words.join(' ')}` };
}

/** Whether the labels of a pod's service account match. `unread` is the answer for an account that was not read. */
export function accountSelector(
  text: string,
  field: string,
  { accounts }: CompileContext,
  problems: Problems,
  unread: boolean,
): (pod: PodView) => boolean {
  const matches = parseCalicoSelector(text);
  if (matches === undefined) {
    problems.invalid(field, `"${text}" is not a selector`);
    return () => false;
  }
  const [missing] = accounts.unread;
  if (missing !== undefined) {
    problems.undecidable(field, `service accounts are selected by labels, and those of ${missing} were not read`);
  }
  return ({ namespace, serviceAccount }) => {
    const labels = accounts.labelsOf(namespace.name, serviceAccount);
    return labels === undefined ? unread : matches({ ...labels, 'projectcalico.org/name': serviceAccount });
  };
}
