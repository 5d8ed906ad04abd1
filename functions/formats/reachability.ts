import Table from 'cli-table3';
import { parseRange } from '#domain/net/cidr.ts';
import { printable } from '#domain/printable.ts';
import type { ReachabilityReport } from '#reachability/report.ts';
import { blocksText } from './blocks.ts';

/** The report for a reader. Blocks of addresses that differ in nothing else share a row. */
export function reachabilityTables({ connections, exposure, services, warnings, errors }: ReachabilityReport): string {
  const parts = [
    table(['From', 'To', 'Ports'], joined(connections.map(({ src, dst, ports }) => [src, dst, portsText(ports)]))),
    table(
      ['Workload', 'Direction', 'Isolated', 'Open to', 'Ports'],
      exposure.flatMap(({ workload, ingress, egress }) => [
        ...exposureRows([workload, 'ingress', yesOrNo(ingress.isolated)], ingress.from),
        ...exposureRows([workload, 'egress', yesOrNo(egress.isolated)], egress.to),
      ]),
    ),
    ...(services.length === 0
      ? []
      : [table(['Service', 'Type', 'Exposed to', 'Because', 'Leads to', 'Ports'], services.flatMap(serviceRows))]),
    ...(warnings.length === 0 ? [] : [table(['File', 'Resource', 'Field', 'Warning'], warnings.map(placeRow))]),
    ...(errors.length === 0 ? [] : [table(['File', 'Resource', 'Field', 'Problem'], errors.map(placeRow))]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function placeRow({ file, resource, field, message }: ReachabilityReport['errors'][number]): readonly string[] {
  return [file, resource, field, message];
}

function serviceRows({
  service,
  type,
  exposure,
  because,
  to,
}: ReachabilityReport['services'][number]): readonly (readonly string[])[] {
  const head = [service, type, exposure, because];
  return to.length === 0
    ? [[...head, 'nothing that was read', '']]
    : to.map(({ peer, ports }) => [...head, peer, ports.length === 0 ? 'none' : portsText(ports)]);
}

function portsText(ports: 'all' | readonly string[]): string {
  return ports === 'all' ? 'all' : ports.join(', ');
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function exposureRows(
  head: readonly string[],
  peers: ReachabilityReport['exposure'][number]['ingress']['from'],
): readonly (readonly string[])[] {
  return peers.length === 0
    ? [[...head, 'nobody', '']]
    : joined(peers.map(({ peer, ports }) => [...head, peer, portsText(ports)]));
}

function joined(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const isBlock = (cell: string) => parseRange(cell) !== undefined;
  const groups = Map.groupBy(rows, (row) => JSON.stringify(row.map((cell) => (isBlock(cell) ? null : cell))));
  return [...groups.values()].map(([first = [], ...others]) =>
    first.map((cell, index) =>
      isBlock(cell) ? blocksText([cell, ...others.flatMap((row) => row[index] ?? [])]) : cell,
    ),
  );
}

function table(head: string[], rows: readonly (readonly string[])[]): string {
  const result = new Table({ head, style: { head: [], border: [] } });
  result.push(...rows.map((row) => row.map(printable)));
  return result.toString();
}
