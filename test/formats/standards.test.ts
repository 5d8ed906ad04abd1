import { expect, test } from 'vitest';
import { toAsff } from '#formats/asff.ts';
import { toOcsf } from '#formats/ocsf.ts';
import { toSarif } from '#formats/sarif.ts';
import { finding, scan } from './scans.ts';

const CITED = [
  'CIS Amazon EKS Benchmark 1.8.0 5.4.1',
  'CIS Amazon EKS Benchmark 1.8.0 5.4.2',
  'NIST SP 800-53 Rev. 5 SC-7',
];
/** In no standard. */
const UNCITED = finding({ control: 'eks-subnet-tags' });

test('OCSF names the standards and their requirements', () => {
  expect(JSON.parse(toOcsf(scan(finding()))).compliance).toMatchObject({
    standards: ['CIS Amazon EKS Benchmark 1.8.0', 'NIST SP 800-53 Rev. 5'],
    requirements: CITED,
  });
  expect(JSON.parse(toOcsf(scan(UNCITED))).compliance).not.toHaveProperty('standards');
});

test('ASFF relates the finding to the requirements', () => {
  expect(JSON.parse(toAsff(scan(finding())))[0].Compliance).toEqual({ Status: 'FAILED', RelatedRequirements: CITED });
  expect(JSON.parse(toAsff(scan(UNCITED)))[0].Compliance).toEqual({ Status: 'FAILED' });
});

test('SARIF tags the rule', () => {
  expect(JSON.parse(toSarif(scan(finding()))).runs[0].tool.driver.rules[0].properties).toEqual({ tags: CITED });
});
