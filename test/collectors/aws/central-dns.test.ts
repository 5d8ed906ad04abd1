import { describe, expect, test } from 'vitest';
import { json, refusal } from '#estate/aws/wire.ts';
import { evidenceOf, play } from './harness.ts';
import { world } from './world.ts';

type Answers = NonNullable<NonNullable<Parameters<typeof world>[0]>['answers']>;

async function readWith(answers: Answers) {
  const { collect, server } = await play(world({ answers }));
  const collection = await collect();
  const { vpcs } = evidenceOf(collection, 'alpha').network;
  if (vpcs.state !== 'collected') throw new Error('the VPCs were read');
  return { vpc: vpcs.value[0], gaps: collection.gaps, server };
}

describe('Route 53 Profiles', () => {
  test('those of the VPC that bring names, on every page', async () => {
    const resources = ['route53:::hostedzone/Z1', 'route53resolver:eu-central-1:9:firewall-rule-group/g'];
    const { vpc, gaps, server } = await readWith({
      'route53profiles:ListProfileAssociations': ({ params }) =>
        params['nextToken'] === undefined
          ? json({ ProfileAssociations: [{ ProfileId: 'rp-9', ResourceId: 'vpc-other' }], NextToken: 'more' })
          : json({
              ProfileAssociations: ['rp-1', 'rp-2'].map((ProfileId) => ({ ProfileId, ResourceId: 'vpc-1' })),
            }),
      'route53profiles:ListProfileResourceAssociations': () =>
        json({ ProfileResourceAssociations: [{ ResourceArn: `arn:aws:${resources.shift()}` }] }),
    });
    expect(gaps).toEqual([]);
    expect(vpc?.profiles).toMatchObject({ state: 'collected', value: ['rp-1'] });
    // Not asked of Profiles of other VPCs.
    expect(server.count('route53profiles:ListProfileResourceAssociations')).toBe(2);
  });

  test.each([
    ['a page of HTML', 500, '<!doctype html><title>500</title>'],
    ['a page of HTML that is not found', 404, '<!doctype html><title>404</title>'],
    ['no such call', 400, '{"__type":"com.amazon.coral.service#UnknownOperationException"}'],
  ])('where the service is not there (%s) nobody has any, and it costs no repeat', async (_case, status, body) => {
    const { vpc, gaps, server } = await readWith({
      'route53profiles:ListProfileAssociations': () => ({ status, body }),
    });
    expect(vpc?.profiles).toMatchObject({ state: 'collected', value: [] });
    expect(gaps).toEqual([]);
    expect(server.count('route53profiles:ListProfileAssociations')).toBe(1);
  });

  test('a throttle is repeated, and at the end is a gap', async () => {
    const { vpc, gaps, server } = await readWith({
      'route53profiles:ListProfileAssociations': ({ service }) => refusal(service, 'ThrottlingException', 429),
    });
    expect(vpc?.profiles).toMatchObject({ state: 'unavailable', reason: 'throttled' });
    expect(gaps).toMatchObject([{ reason: 'throttled', api: 'route53profiles:ListProfileAssociations' }]);
    expect(server.count('route53profiles:ListProfileAssociations')).toBe(3);
  });

  test('an answer without its list is malformed, not empty', async () => {
    const { vpc } = await readWith({ 'route53profiles:ListProfileAssociations': () => json({}) });
    expect(vpc?.profiles).toMatchObject({ state: 'unavailable', reason: 'malformed-answer' });
  });
});

describe('resolver rules', () => {
  test('domains that are forwarded; the rule that every VPC has, SYSTEM rules and other VPCs are left out', async () => {
    const { vpc } = await readWith({
      'route53resolver:ListResolverRuleAssociations': () =>
        json({
          ResolverRuleAssociations: [
            { ResolverRuleId: 'rslvr-autodefined-rr-internet-resolver', VPCId: 'vpc-1' },
            { ResolverRuleId: 'rslvr-rr-1', VPCId: 'vpc-1' },
            { ResolverRuleId: 'rslvr-rr-2', VPCId: 'vpc-1' },
            { ResolverRuleId: 'rslvr-rr-3', VPCId: 'vpc-other' },
          ],
        }),
      'route53resolver:ListResolverRules': () =>
        json({
          ResolverRules: [
            { Id: 'rslvr-rr-1', DomainName: 'Amazonaws.com.', RuleType: 'FORWARD' },
            { Id: 'rslvr-rr-2', DomainName: 'internal.', RuleType: 'SYSTEM' },
            { Id: 'rslvr-rr-3', DomainName: 'other.', RuleType: 'FORWARD' },
          ],
        }),
    });
    expect(vpc?.forwardedDomains).toMatchObject({ state: 'collected', value: ['amazonaws.com'] });
  });

  test('without a rule of its own, rules are not asked for', async () => {
    const { vpc, server } = await readWith({
      'route53resolver:ListResolverRuleAssociations': () => json({ ResolverRuleAssociations: [] }),
    });
    expect(vpc?.forwardedDomains).toMatchObject({ value: [] });
    expect(server.count('route53resolver:ListResolverRules')).toBe(0);
  });

  test('a rule that is associated and not in the list leaves the domain unknown', async () => {
    const { vpc } = await readWith({ 'route53resolver:ListResolverRules': () => json({ ResolverRules: [] }) });
    expect(vpc?.forwardedDomains).toMatchObject({ state: 'unavailable', reason: 'malformed-answer' });
  });

  test('a page instead of an answer is malformed: a rule that was not read could lead past an endpoint', async () => {
    const { vpc, gaps } = await readWith({
      'route53resolver:ListResolverRuleAssociations': () => ({
        status: 500,
        body: '<!doctype html><title>500</title>',
      }),
    });
    expect(vpc?.forwardedDomains).toMatchObject({ state: 'unavailable', reason: 'malformed-answer' });
    expect(gaps).toMatchObject([{ reason: 'malformed-answer', api: 'route53resolver:ListResolverRuleAssociations' }]);
  });

  test('requests are signed for their own service and region', async () => {
    const { server } = await readWith({});
    const signed = server.calls.filter(({ service }) => service.startsWith('route53') && service !== 'route53');
    expect(new Set(signed.map(({ service, region }) => `${service} ${region}`))).toEqual(
      new Set(['route53profiles eu-central-1', 'route53resolver eu-central-1']),
    );
  });
});
