import { ABSENT, type Field, given } from '#domain/collected.ts';

/** Labels of `ibmcloud account show` by language. Anything else is not taken for an answer. */
const LABELS: Readonly<Record<'id' | 'vrf' | 'serviceEndpoint', readonly string[]>> = {
  id: ['Account ID', 'アカウント ID'],
  vrf: ['VRF Enabled', 'VRF が有効'],
  serviceEndpoint: ['Service Endpoint Enabled', 'サービス・エンドポイントが有効'],
};

export interface AccountShow {
  readonly accountId: Field<string>;
  readonly vrf: Field<boolean>;
  readonly serviceEndpoint: Field<boolean>;
}

/**
 * Reads the text that an operator kept. A missing line is absent; a value that is neither true nor false, and a line that stands there twice with two
 * values (the texts of two days in one file), is malformed.
 */
export function parseAccountShow(text: string): AccountShow {
  const values = new Map<string, Set<string>>();
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    // By the first colon, and not by one expression: that needs minutes for a line of many blanks.
    const colon = line.search(/[:\uff1a]/);
    const value = line.slice(colon + 1).split('#')[0] ?? '';
    const label = line.slice(0, colon).trim();
    if (colon > 0) values.set(label, (values.get(label) ?? new Set()).add(value.trim()));
  }
  const told = (labels: readonly string[]): Field<string> => {
    const [first, ...others] = new Set(labels.flatMap((label) => [...(values.get(label) ?? [])]));
    if (first === undefined) return ABSENT;
    return others.length === 0
      ? given(first)
      : { state: 'malformed', raw: [first, ...others].join(' / ').slice(0, 40) };
  };
  const flag = (labels: readonly string[]): Field<boolean> => {
    const value = told(labels);
    if (value.state !== 'given') return value;
    if (value.value === 'true' || value.value === 'false') return given(value.value === 'true');
    return { state: 'malformed', raw: value.value.slice(0, 40) };
  };
  const id = told(LABELS.id);
  return {
    accountId: id.state === 'given' && id.value === '' ? ABSENT : id,
    vrf: flag(LABELS.vrf),
    serviceEndpoint: flag(LABELS.serviceEndpoint),
  };
}

/** People mask ids before they hand a text on. What is left of a masked id must fit, and a text without an id contradicts nobody. */
export function isAboutAnother(shown: Field<string>, account: string): boolean {
  if (shown.state === 'absent') return false;
  if (shown.state === 'malformed') return true;
  const [before = '', ...rest] = shown.value.split(/\*+/);
  const after = rest.at(-1);
  return after === undefined ? before !== account : !(account.startsWith(before) && account.endsWith(after));
}

export function shownId(shown: Field<string>): string {
  return shown.state === 'given' ? shown.value : shown.state === 'malformed' ? shown.raw : 'unknown';
}
