import { parseArmId } from '#domain/arm-id.ts';
import { shellQuote } from '#domain/shell.ts';
import { short } from './cluster.ts';
import { literal, repairs, scopeArguments } from './fix.ts';

/** What a private endpoint is connected to inside the service, for the kinds that clusters usually depend on. */
const SUBRESOURCES: Readonly<Record<string, string>> = {
  'microsoft.containerregistry/registries': 'registry',
  'microsoft.keyvault/vaults': 'vault',
  'microsoft.storage/storageaccounts': 'blob',
  'microsoft.sql/servers': 'sqlServer',
};

/** A private endpoint to `id` in a node subnet. */
export function endpointFix(id: string, subnet: string | undefined): ReturnType<typeof repairs> {
  const type = parseArmId(id)?.type.toLowerCase() ?? '';
  const group = SUBRESOURCES[type];
  const name = `pe-${short(id)}`;
  const scope = subnet === undefined ? '--resource-group <group>' : scopeArguments(subnet);
  return repairs(
    [
      `az network private-endpoint create ${scope} --name ${shellQuote(name)} --connection-name ${shellQuote(name)} --subnet ${subnet === undefined ? '<id of a node subnet>' : shellQuote(subnet)} --private-connection-resource-id ${shellQuote(id)} --group-id ${group ?? '<sub-resource of the service>'}`,
    ],
    [
      "resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {",
      `  name: ${literal(name)}`,
      '  properties: {',
      `    subnet: { id: ${subnet === undefined ? 'nodeSubnetId' : literal(subnet)} }`,
      `    privateLinkServiceConnections: [{ name: ${literal(name)}, properties: { privateLinkServiceId: ${literal(id)}, groupIds: [${group === undefined ? 'subresource' : literal(group)}] } }]`,
      '  }',
      '}',
    ].join('\n'),
  );
}
