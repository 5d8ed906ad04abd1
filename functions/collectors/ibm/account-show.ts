import { ABSENT, type Field, given } from '#domain/collected.ts';

/** Labels of `ibmcloud account show` by language. Anything else is not taken for an answer. */
const LABELS: Readonly<Record<'vrf' | 'serviceEndpoint', readonly string[]>> = {
  vrf: ['VRF Enabled', 'VRF が有効'],
  serviceEndpoint: ['Service Endpoint Enabled', 'サービス・エンドポイントが有効'],
};
const ID_LABELS = ['Account ID', 'アカウント ID'];

export interface AccountShow {
  readonly accountId: Field<string>;
  readonly vrf: Field<boolean>;
  readonly serviceEndpoint: Field<boolean>;
}

/** Reads the text that an operator kept. A missing line is absent, a value that is neither true nor false is malformed. */
export function parseAccountShow(text: string): AccountShow {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    // By the first colon, and not by one expression: that needs minutes for a line of many blanks.
    const colon = line.search(/[:\uff1a]/);
    const value = line.slice(colon + 1).split('#')[0] ?? '';
    if (colon > 0) values.set(line.slice(0, colon).trim(), value.trim());
  }
  const flag = (labels: readonly string[]): Field<boolean> => {
    const value = labels.map((label) => values.get(label)).find((found) => found !== undefined);
    if (value === undefined) return ABSENT;
    if (value === 'true' || value === 'false') return given(value === 'true');
    return { state: 'malformed', raw: value.slice(0, 40) };
  };
  const id = ID_LABELS.map((label) => values.get(label)).find((found) => found !== undefined && found !== '');
  return {
    accountId: id === undefined ? ABSENT : given(id),
    vrf: flag(LABELS.vrf),
    serviceEndpoint: flag(LABELS.serviceEndpoint),
  };
}
