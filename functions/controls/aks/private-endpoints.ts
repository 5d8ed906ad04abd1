import type { Source } from '#domain/collected.ts';
import type { AksDependency } from '#domain/evidence/aks.ts';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  clusterArguments,
  derived,
  fact,
  had,
  judged,
  optional,
  type ReadCluster,
  required,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { endpointFix } from './shared/endpoint-fix.ts';
import { ids, lookFirst, repairs } from './shared/fix.ts';

export default defineAksControl({
  id: 'aks-private-endpoints',
  title: 'Each declared dependency is reached by private endpoint and has public access off',
  severity: 'MEDIUM',
  basis: 'seed 003: private endpoints for Azure services',
  reference: 'Azure Private Link documentation; ARM privateEndpoints, publicNetworkAccess',
  remediation:
    'Create a private endpoint in the node network for each named dependency and disable its public network access.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/privateEndpoints/read',
    'Microsoft.ContainerRegistry/registries/read',
    'Microsoft.KeyVault/vaults/read',
  ],
  parameters: {
    dependencies: {
      describe: 'ids of the resources that the cluster depends on, beside those that it names itself',
      default: [],
    },
  },
  evaluate(subject) {
    const named = namedByCluster(subject);
    const declared = subject.parameters.dependencies.map((id) => id.toLowerCase());
    const wanted = [...new Set([...named, ...declared])].sort();
    const kms = judged(() => keyVault(subject));
    const active = kms.status === 'NOT_APPLICABLE' ? [] : [kms];
    if (wanted.length === 0 && active.length === 0)
      return notApplicable('no-dependencies', 'no dependency is declared and the cluster names none');
    return combine(
      [...active, ...wanted.map((id) => judged(() => judgeDependency(subject, id)))],
      `${wanted.length} dependencies are reached by private endpoint and closed to the internet`,
    );
  },
});

function namedByCluster({ cluster }: ReadCluster): readonly string[] {
  const bootstrap = optional(cluster.bootstrap, 'bootstrapProfile');
  const registry =
    bootstrap === undefined
      ? undefined
      : optional(bootstrap.containerRegistryId, 'bootstrapProfile.containerRegistryId');
  const kms = optional(cluster.keyVaultKms, 'securityProfile.azureKeyVaultKms');
  const vault =
    kms !== undefined && optional(kms.enabled, 'azureKeyVaultKms.enabled') === true
      ? optional(kms.keyVaultId, 'azureKeyVaultKms.keyVaultResourceId')
      : undefined;
  return [registry, vault].filter((id) => id !== undefined);
}

function keyVault({ cluster, evidence, source }: ReadCluster): Verdict {
  const kms = optional(cluster.keyVaultKms, 'securityProfile.azureKeyVaultKms');
  if (kms === undefined || optional(kms.enabled, 'azureKeyVaultKms.enabled') !== true)
    return notApplicable('no-key-vault', 'no key vault encrypts the secrets');
  const vault = optional(kms.keyVaultId, 'azureKeyVaultKms.keyVaultResourceId');
  const access = optional(kms.networkAccess, 'azureKeyVaultKms.keyVaultNetworkAccess') ?? 'Public';
  const proof = [
    fact(
      `keyVaultNetworkAccess is ${access} (the default is Public)`,
      'properties.securityProfile.azureKeyVaultKms.keyVaultNetworkAccess',
      access,
      source,
    ),
  ];
  if (same(access, 'Private')) return pass('the key vault of the secrets is reached privately', proof);
  if (same(access, 'Public'))
    return fail(
      'key-vault-public',
      'the cluster reaches the key vault of its secrets over its public endpoint',
      proof,
      repairs(
        [
          `az aks update ${clusterArguments(evidence.id)} --azure-keyvault-kms-key-vault-network-access Private --azure-keyvault-kms-key-vault-resource-id ${vault === undefined ? '<id of the vault>' : shellQuote(vault)}`,
        ],
        "securityProfile: {\n  azureKeyVaultKms: { enabled: true, keyVaultNetworkAccess: 'Private' } // with keyId and keyVaultResourceId\n}",
      ),
    );
  return unknown('unrecognised-value', `keyVaultNetworkAccess ${access} is not known`, proof);
}

function judgeDependency({ evidence, source }: ReadCluster, id: string): Verdict {
  const fix = endpointFix(id, evidence.subnets[0]?.id);
  const part = evidence.dependencies;
  const { items, complete, others } = had(part);
  const at = sourceOf(part, source);
  const item = items.find((entry) => entry.id === id);
  const approved = (item?.endpoints ?? []).filter((endpoint) =>
    same(required(endpoint.status, `status of ${short(endpoint.id)}`), 'Approved'),
  );
  const open = item === undefined ? undefined : judged(() => publicAccess(item, at));
  const [endpoint] = approved;
  if (endpoint !== undefined) {
    const way = pass(`${short(id)} has a private endpoint`, [
      fact(
        `${endpoint.id} leads to ${id}, Approved`,
        'privateEndpoints.properties.privateLinkServiceConnections',
        endpoint.id,
        at,
      ),
    ]);
    return combine(
      [way, open ?? unknown('not-scanned', `${id} was not read`)],
      `${short(id)} is reached by private endpoint and closed to the internet`,
    );
  }
  const proof = [
    fact(`no approved private endpoint in the node networks or their peers leads to ${id}`, 'privateEndpoints', 0, at),
  ];
  if (open?.status === 'FAIL')
    return combine([open, fail('no-private-endpoint', `no private endpoint leads to ${short(id)}`, proof, fix)], '');
  if (item === undefined ? !others.includes(id) : item.publicNetworkAccess.state === 'unavailable')
    return unknown(
      'not-scanned',
      `no private endpoint to ${short(id)} is among what was read, and ${short(id)} itself cannot be read`,
      proof,
    );
  if (!complete)
    return unknown(
      'not-scanned',
      `no private endpoint to ${short(id)} was seen, but not every network in reach could be read`,
      proof,
    );
  return fail('no-private-endpoint', `no private endpoint leads to ${short(id)}`, proof, fix);
}

function publicAccess(item: AksDependency, fallback: Source): Verdict {
  const value = required(had(item.publicNetworkAccess), `publicNetworkAccess of ${short(item.id)}`);
  const proof = [
    fact(
      `${item.id}: publicNetworkAccess is ${value}`,
      'properties.publicNetworkAccess',
      value,
      sourceOf(item.publicNetworkAccess, fallback),
    ),
  ];
  if (same(value, 'Disabled')) return pass(`${short(item.id)} is closed to the internet`, proof);
  if (same(value, 'Enabled'))
    return fail(
      'public-network-access',
      `${short(item.id)} is open to the internet`,
      proof,
      repairs(
        [
          lookFirst(
            `az resource show ${ids(item.id)} --query properties.privateEndpointConnections`,
            'Everybody who reaches it needs a private endpoint before publicNetworkAccess is set to Disabled.',
          ),
        ],
        "properties: {\n  publicNetworkAccess: 'Disabled' // once everybody who reaches it has a private endpoint\n}",
      ),
    );
  if (same(value, 'SecuredByPerimeter')) return judged(() => behindPerimeter(item, proof));
  return unknown('unrecognised-value', `publicNetworkAccess ${value} of ${short(item.id)} is not known`, proof);
}

/**
 * Secured by a network security perimeter: closed while it is not associated with one, and afterwards as far as the perimeter's rules admit
 * nobody from the internet. That it is not associated cannot be read.
 */
function behindPerimeter({ id, perimeter }: AksDependency, proof: Verdict['proof']): Verdict {
  const name = short(id);
  if (perimeter.kind === 'not-shown')
    return unknown(
      'undecidable',
      `${name} is secured by a network security perimeter, and which one it is associated with was not shown`,
      proof,
    );
  const around = short(perimeter.id);
  const rules = had(perimeter.rules);
  const mode = required(perimeter.accessMode, `accessMode of the association of ${name} with ${around}`);
  const inbound = rules.filter(
    (rule) => !same(required(rule.direction, `direction of ${around}/${rule.name}`), 'Outbound'),
  );
  const open = inbound.filter((rule) =>
    required(rule.prefixes, `addressPrefixes of ${around}/${rule.name}`).some((prefix) => !isWithinPrivate(prefix)),
  );
  const lines = [
    ...proof,
    derived(
      `${name} stands in the network security perimeter ${around}, access mode ${mode}, ${inbound.length} inbound rules`,
    ),
  ];
  if (open.length > 0)
    return unknown(
      'undecidable',
      `the network security perimeter ${around} admits public ranges to ${name} (${open.map((rule) => rule.name).join(', ')})`,
      lines,
    );
  if (!same(mode, 'Enforced'))
    return unknown(
      'undecidable',
      `the network security perimeter ${around} is in access mode ${mode} for ${name}, not Enforced`,
      lines,
    );
  return pass(`the network security perimeter ${around} admits nobody from the internet to ${name}`, lines);
}
