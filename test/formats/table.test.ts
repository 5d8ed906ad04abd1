import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import { toExplanation } from '#formats/explanation.ts';
import { type Paint, PLAIN } from '#formats/paint.ts';
import { toFindingList, toTable } from '#formats/table.ts';
import { wrap } from '#formats/text.ts';
import { AKS, EKS, EVERY_STATUS, EXCEPTION, finding, SKIPPED, scan } from './scans.ts';

const MARKED: Paint = { ...PLAIN, status: (status, text) => `<${status}>${text}` };
const table = (...findings: readonly Finding[]) => toTable(scan(...findings), PLAIN, 80);

describe('the table', () => {
  test('shows control, message, proof and remedy of a failure', () => {
    const text = table(finding());
    expect(text).toMatch(/FAIL +CRITICAL +eks-endpoint-public/);
    expect(text).toContain('the public endpoint is open to everybody');
    expect(text).toContain('proof: endpointPublicAccess is true');
    expect(text).toContain('fix:   Switch the private endpoint on');
  });

  test('names the reason of what is unknown', () => {
    expect(table(finding({ status: 'UNKNOWN', reason: 'throttled' }))).toMatch(
      /UNKNOWN +eks-endpoint-public \(throttled\)/,
    );
  });

  test('counts what is quiet instead of listing it', () => {
    const text = table(finding({ status: 'PASS' }), finding({ status: 'NOT_APPLICABLE', control: 'eks-subnet-tags' }));
    expect(text).toContain('1 pass, 1 do not apply');
    expect(text).not.toContain('eks-subnet-tags');
  });

  test('puts the worst cluster first', () => {
    const text = table(finding({ severity: 'LOW', resource: AKS }), finding({ resource: EKS }));
    expect(text.indexOf('shop')).toBeLessThan(text.indexOf('pay'));
  });

  test('a skipped target is named, and not among those that were to be read', () => {
    const { run, targets, findings } = scan(finding());
    const text = toTable({ run, targets: [...targets, SKIPPED], findings }, PLAIN, 80);
    expect(text).toContain('1 of 2 targets read completely');
    expect(text).toContain('skipped  aws:555555555555 the account is SUSPENDED');
  });

  test('tells what was not read, and sums up', () => {
    const text = table(...EVERY_STATUS);
    expect(text).toContain('1 of 2 targets read completely');
    expect(text).toContain('not allowed to list <clusters>');
    expect(text).toContain('1 fail, 1 unknown, 1 pass, 1 not applicable');
  });

  test('one cause of several controls is told once', () => {
    const text = table(
      finding({ severity: 'HIGH', control: 'aks-outbound-type' }),
      finding({ control: 'aks-egress-route' }),
    );
    expect(text).toMatch(/FAIL CRITICAL {2}aks-egress-route\n {2}FAIL HIGH {6}aks-outbound-type\n {7}the public/);
    expect(text.split('the public endpoint is open to everybody')).toHaveLength(2);
  });

  test('what one refusal leaves unknown is one entry, with its number and the names', () => {
    const controls = ['eks-audit-log', 'eks-vpc-dns', 'eks-subnet-zones'];
    const text = table(...controls.map((control) => finding({ control, status: 'UNKNOWN', reason: 'denied' })));
    expect(text).toMatch(
      /UNKNOWN +3 controls \(denied\)\n +eks-audit-log, eks-subnet-zones, eks-vpc-dns\n +the public/,
    );
  });

  test('a cluster leads with its one verdict, which does not repeat the proof and remedy of its parts', () => {
    const composite = finding({
      control: 'closed-network',
      severity: 'HIGH',
      message: 'open by API exposure (eks-endpoint-public)',
      proof: [{ kind: 'derived', line: 'API exposure: FAIL (eks-endpoint-public FAIL)' }],
      remediation: 'Repair the controls of the dimension',
    });
    const text = table(finding(), composite);
    expect(text).toMatch(
      /^shop {2}OPEN .+\n {2}FAIL HIGH {6}closed-network: open by API exposure \(eks-endpoint-public\)\n {2}FAIL CRITICAL {2}eks-end/,
    );
    expect(text).not.toContain('Repair the controls');
    expect(text).not.toContain('API exposure: FAIL');
  });

  test('open clusters come before undecided ones, and those before closed ones with something to mend', () => {
    const cluster = (name: string, status: Finding['status']) => {
      const resource = { ...EKS, uid: `arn:${name}`, name };
      return [finding({ control: 'closed-network', status, resource }), finding({ severity: 'LOW', resource })];
    };
    const text = table(...cluster('shut', 'PASS'), ...cluster('foggy', 'UNKNOWN'), ...cluster('ajar', 'FAIL'));
    expect(text.match(/^(shut|foggy|ajar)/gm)).toEqual(['ajar', 'foggy', 'shut']);
  });

  test('the first commands that mend a failure are shown, of what is only advisable neither sentence nor command', () => {
    const fix = { commands: ['aws eks update', 'aws eks wait', 'aws eks describe'], fragments: [] };
    expect(table(finding({ fix }))).toMatch(/fix: {3}Switch.+\n +\$ aws eks update\n +\$ aws eks wait\n +and 1 more\n/);
    expect(table(finding({ fix, severity: 'LOW' }))).not.toMatch(/fix:|\$ aws/);
  });

  test('a long command is broken so that it can be copied', () => {
    const command = `aws eks update-cluster-config --region eu-central-1 --name shop --resources-vpc-config endpointPublicAccess=false`;
    const text = table(finding({ fix: { commands: [command], fragments: [] } }));
    const [, shown = ''] = /\$ ((?:.+ \\\n)*.+)/.exec(text) ?? [];
    expect(shown.split('\n').length).toBeGreaterThan(1);
    expect(shown.replaceAll(/ \\\n +/g, ' ')).toBe(command);
  });

  test('marks an accepted failure, which stays a failure', () => {
    const text = toTable(scan(finding({ exception: EXCEPTION })), MARKED, 80);
    expect(text).toMatch(/<FAIL>FAIL.+\n +accepted by platform@example.com until 2027-03-31: until the VPN stands\n/);
  });

  test('a name cannot steer the terminal', () => {
    const evil = 'shop\u001b[2J\u0007\u009b2J\u202e\u2066\u2028\r\nfake line';
    const finished = finding({
      message: evil,
      resource: { ...EKS, name: evil, region: evil },
      proof: [{ kind: 'path', line: evil, hops: [evil, evil], source: { api: evil, at: evil } }],
      exception: { ...EXCEPTION, owner: evil },
      fix: { commands: [evil], fragments: [{ language: 'yaml', code: evil }] },
    });
    const printed = table(finished) + toExplanation(finished, PLAIN, 80);
    // Line feeds are the layout's own; every other control character, and every turn of the writing's direction, would be the provider's.
    expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
  });

  test('80 columns are enough for everything that can be broken', () => {
    const long = 'the route table rtb-1 of subnet-1 has no route for the prefix list of S3 '.repeat(4).trim();
    const text = table(finding({ message: long, remediation: long, proof: [{ kind: 'fact', line: long }] }));
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('text without blanks breaks by the columns that it takes', () => {
    const lines = wrap('日本語の長い説明は空白なしで続くので途中で折り返す必要があります', 34, '  ');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(34);
  });

  test('ARM ids keep their last type and name', () => {
    const rg = '/subscriptions/s1/resourcegroups/rg/providers/microsoft.network';
    const line = `${rg}/virtualnetworks/v1/subnets/nodes → ${rg}/routetables/rt-1 → no route for 0.0.0.0/0`;
    expect(table(finding({ proof: [{ kind: 'path', line }] }))).toContain(
      'proof: subnets/nodes → routetables/rt-1 → no route for 0.0.0.0/0',
    );
  });

  test('a word longer than the line stays whole, because ids are copied', () => {
    const id = `arn:aws:eks:${'x'.repeat(90)}`;
    expect(wrap(`see ${id} there`, 80, '  ')).toEqual(['  see', `  ${id}`, '  there']);
  });
});

describe('a list of findings', () => {
  const coverage = (id: string, status: Finding['status']) =>
    finding({ control: 'coverage', status, resource: { ...EKS, type: 'target', uid: id, name: id } });

  test('counts the targets that were read, and names those that were not', () => {
    const read = ['aws:1:a', 'aws:1:b'].map((id) => coverage(id, 'PASS'));
    const text = toFindingList([...read, coverage('aws:1:c', 'FAIL'), finding()], PLAIN, 80);
    expect(text).toContain('aws:1:c');
    expect(text).not.toContain('aws:1:a');
    expect(text).toMatch(/\n\nCoverage {2}2 of 3 targets read completely\n$/);
  });

  test('says so when there is none', () => {
    expect(toFindingList([], PLAIN, 80)).toBe('no findings\n');
  });
});

describe('an explanation', () => {
  test('shows every line of proof with its source, and a path hop by hop', () => {
    const text = toExplanation(
      finding({
        proof: [
          { kind: 'path', line: 'a → b → c', hops: ['subnet-1', 'rtb-2', 'igw-3'] },
          { kind: 'fact', line: 'igw-3 is attached', source: { api: 'ec2:DescribeRouteTables', at: '2026-11-24' } },
        ],
        fix: { commands: ['aws eks update-cluster-config'], fragments: [] },
      }),
      PLAIN,
      80,
    );
    expect(text).toContain('  subnet-1\n  └─ rtb-2\n     └─ igw-3');
    expect(text).toContain('ec2:DescribeRouteTables, read 2026-11-24');
    expect(text).toContain('$ aws eks update-cluster-config');
  });

  test('names the hops of a path through Azure, and keeps apart what only has the same name', () => {
    const subnet = (network: string) =>
      `/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/${network}/subnets/nodes`;
    const text = toExplanation(
      finding({
        proof: ['one', 'two'].map((network) => ({
          kind: 'path',
          line: network,
          hops: ['nodes of system', subnet(network), `no route table in ${network}`],
        })),
      }),
      PLAIN,
      80,
    );
    expect(text).toContain(
      [
        '  nodes of system',
        '  ├─ subnets/nodes',
        '  │  └─ no route table in one',
        '  └─ subnets/nodes',
        '     └─ no route table in two',
      ].join('\n'),
    );
  });

  test('says what several paths share once', () => {
    const path = (...hops: string[]) => ({ kind: 'path' as const, line: hops.join(' → '), hops });
    const text = toExplanation(
      finding({
        proof: [
          path('subnet-1', 'rtb-1', 'no default route'),
          path('subnet-2', 'rtb-1', 'no default route'),
          path('subnet-1', 'rtb-1', 'pl-s3', 'vpce-s3'),
          path('subnet-1', 'vpce-ec2'),
        ],
      }),
      PLAIN,
      80,
    );
    expect(text).toContain(
      [
        '  subnet-1',
        '  ├─ rtb-1',
        '  │  ├─ no default route',
        '  │  └─ pl-s3',
        '  │     └─ vpce-s3',
        '  └─ vpce-ec2',
        '  subnet-2',
        '  └─ rtb-1',
        '     └─ no default route',
      ].join('\n'),
    );
  });
});
