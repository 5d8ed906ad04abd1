import { parseArmId } from '#domain/arm-id.ts';
import type { Family } from '#domain/net/cidr.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';
import { groupNameOf, short } from './cluster.ts';
import { EVERYTHING, type PlainRoute } from './default-route.ts';

/** A command that only shows, and what to find out by it before anything is taken away, which is left to the reader. */
interface Look {
  readonly command: string;
  readonly before: string;
}

/** For everything of which it is not known that nobody else uses it. */
export const lookFirst = (command: string, before: string): Look => ({ command, before });

/** Remedies as options of a FAIL: commands of the Azure CLI, and the same as a Bicep fragment where it has one. */
export function repairs(steps: readonly (string | Look)[], bicep?: string): { readonly fix: Fix } {
  const checkFirst = steps.flatMap((step) => (typeof step === 'string' ? [] : [step.before]));
  return {
    fix: {
      ...(checkFirst.length === 0 ? {} : { checkFirst: [...new Set(checkFirst)] }),
      commands: steps.map((step) => (typeof step === 'string' ? step : step.command)),
      fragments: bicep === undefined ? [] : [{ language: 'bicep', code: bicep }],
    },
  };
}

export const ids = (id: string): string => `--ids ${shellQuote(id)}`;

/** A Bicep string: names are somebody else's text here as well. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${')}'`;
}

/** `--subscription s --resource-group g` of any ARM id. */
export function scopeArguments(id: string): string {
  const { subscription = '' } = parseArmId(id) ?? {};
  return `--subscription ${shellQuote(subscription)} --resource-group ${shellQuote(groupNameOf(id))}`;
}

const TO_FIREWALL = '--next-hop-type VirtualAppliance --next-hop-ip-address <private address of the firewall>';

/**
 * The routes that lead elsewhere are changed, because a second route of the same prefix is refused; where there is none, one is made. A table
 * that other subnets use too, or of which that is not known, is shown first: they would leave through the firewall as well.
 */
export function defaultRouteFix(
  { tableId, own }: { readonly tableId: string; readonly own: boolean },
  routes: readonly PlainRoute[],
  family: Family,
): { readonly fix: Fix } {
  const name = family === 'ipv6' ? 'default-ipv6' : 'default';
  const wanted = routes.length === 0 ? [{ name, prefix: EVERYTHING[family] }] : routes;
  const shown = `az network route-table show ${ids(tableId)} --query subnets`;
  const commands = !own
    ? [
        lookFirst(
          shown,
          `Make sure that the firewall serves every subnet that uses the table; then route ${wanted.map(({ prefix }) => prefix).join(', ')} to it.`,
        ),
      ]
    : routes.length === 0
      ? [
          `az network route-table route create ${scopeArguments(tableId)} --route-table-name ${shellQuote(short(tableId))} --name ${name} --address-prefix ${EVERYTHING[family]} ${TO_FIREWALL}`,
        ]
      : routes.map(
          (route) => `az network route-table route update ${ids(`${tableId}/routes/${route.name}`)} ${TO_FIREWALL}`,
        );
  const fragment = wanted.map((route, index) =>
    [
      `resource ${family}Default${index === 0 ? '' : index + 1} 'Microsoft.Network/routeTables/routes@2024-05-01' = {`,
      `  name: ${literal(`${short(tableId)}/${route.name}`)}`,
      `  properties: { addressPrefix: ${literal(route.prefix)}, nextHopType: 'VirtualAppliance', nextHopIpAddress: firewallPrivateIp }`,
      '}',
    ].join('\n'),
  );
  return repairs(commands, fragment.join('\n'));
}
