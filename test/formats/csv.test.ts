import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCsv } from '#formats/csv.ts';
import { EXCEPTION, finding, scan } from './scans.ts';

/** A reader of RFC 4180 written for the test, so that the writer is held to the standard and not to itself. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let rest = text;
  while (rest !== '') {
    const quoted = /^"((?:[^"]|"")*)"(,|\r\n)/.exec(rest);
    const plain = /^([^",\r\n]*)(,|\r\n)/.exec(rest);
    const [all, value, end] = quoted ?? plain ?? [];
    if (all === undefined) throw new Error(`not CSV from here: ${rest.slice(0, 40)}`);
    row.push(quoted === null ? (value ?? '') : (value ?? '').replaceAll('""', '"'));
    rest = rest.slice(all.length);
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

function cell(text: string, column: string): string | undefined {
  const [head, first] = readCsv(text);
  return first?.[head?.indexOf(column) ?? -1];
}

describe('CSV', () => {
  test('one line per finding under a head, with the key line of the proof', () => {
    const [head, row, ...more] = readCsv(toCsv(scan(finding({ exception: EXCEPTION }))));
    expect(more).toEqual([]);
    expect(Object.fromEntries(head?.map((name, index) => [name, row?.[index]]) ?? [])).toMatchObject({
      id: 'f1',
      control: 'eks-endpoint-public',
      status: 'FAIL',
      severity: 'CRITICAL',
      account: '111111111111',
      resource: 'shop',
      proof: 'endpointPublicAccess is true',
      exception: 'platform@example.com until 2027-03-31',
    });
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', '＠x'])(
    'a cell that a spreadsheet would calculate (%j) is text',
    (message) => {
      expect(cell(toCsv(scan(finding({ message }))), 'message')).toBe(`'${message}`);
    },
  );

  test.each([';', '\t'])('nor does it calculate where %j separates cells', (separator) => {
    const message = `tag${separator}=cmd|' /c calc'!A0`;
    expect(cell(toCsv(scan(finding({ message }))), 'message')).toBe(`tag${separator}'=cmd|' /c calc'!A0`);
  });

  test('every text survives, whatever separators and quotes it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', ';', 'é') }), (noise) => {
        const message = `x${noise}`;
        expect(cell(toCsv(scan(finding({ message }))), 'message')).toBe(message);
      }),
    );
  });

  test('no finding leaves the head alone', () => {
    expect(readCsv(toCsv(scan()))).toHaveLength(1);
  });
});
