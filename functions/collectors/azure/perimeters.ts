import { collected, unavailable } from '#domain/collected.ts';
import type { AksDependency } from '#domain/evidence/aks.ts';
import { reference, text, texts, value } from './facts.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

/** The network security perimeter around a service: the association names a profile, and the profile's rules say who may come in. */
export function perimeterOf(id: string, snapshot: NetworkSnapshot): AksDependency['perimeter'] {
  const association = snapshot
    .ofType('microsoft.network/networksecurityperimeters/resourceassociations')
    .find(({ properties }) => value(reference(properties['privateLinkResource'])) === id);
  if (association === undefined) return { kind: 'not-shown' };
  const perimeter = association.id.replace(/\/resourceassociations\/[^/]+$/, '');
  return {
    kind: 'associated',
    id: perimeter,
    accessMode: text(association.properties['accessMode']),
    rules: rulesOf(value(reference(association.properties['profile'])), snapshot),
  };
}

/** "No rule" is believed only of a profile that was itself seen. */
function rulesOf(
  profile: string | undefined,
  snapshot: NetworkSnapshot,
): Extract<AksDependency['perimeter'], { kind: 'associated' }>['rules'] {
  const api = 'Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/read';
  if (profile === undefined) return unavailable('absent-field', 'the association names no profile', api);
  const row = snapshot.find(profile, 'Microsoft.Network/networkSecurityPerimeters/profiles/read');
  if (row.state === 'unavailable') return row;
  const rules = snapshot
    .ofType('microsoft.network/networksecurityperimeters/profiles/accessrules')
    .filter((rule) => rule.id.startsWith(`${profile}/`))
    .map(({ name, properties }) => ({
      name,
      direction: text(properties['direction']),
      prefixes: texts(properties['addressPrefixes'] ?? []),
    }));
  return collected(rules, snapshot.source(api));
}
