import { describe, expect, test } from 'vitest';
import { given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import {
  denied,
  ENDPOINTS,
  endpoint,
  endpointsWith,
  evidence,
  LOCAL,
  network,
  outcome,
  podIdentities,
  REGION,
  read,
  route,
  table,
  verdictOf,
  vpc,
  withEndpoints,
  withVpc,
} from './builders.ts';

/** A private destination leads to another VPC and there is no default route: the usual way to endpoints that are kept centrally. */
const TO_CENTRE = route('10.0.0.0/8', 'transit-gateway', 'tgw-1');

const withoutEc2 = (change: Parameters<typeof vpc>[0] = {}) =>
  withVpc({
    endpoints: read(endpointsWith('ec2')),
    routeTables: read([table({ routes: [LOCAL, TO_CENTRE] })]),
    ...change,
  });

describe('endpoints in another VPC, reached by a private route', () => {
  test.each([
    ['no private zone points there: nothing would resolve to it', withoutEc2(), 'FAIL missing'],
    ['another zone is no help', withoutEc2({ hostedZones: read([`sts.${REGION}.amazonaws.com`]) }), 'FAIL missing'],
    [
      'a private zone points there',
      withoutEc2({ hostedZones: read([`ec2.${REGION}.amazonaws.com`]) }),
      'UNKNOWN undecidable',
    ],
    ['a Route 53 Profile is associated', withoutEc2({ profiles: read(['rp-1']) }), 'UNKNOWN undecidable'],
    [
      'Profiles were not read',
      withoutEc2({ profiles: denied('route53profiles:ListProfileAssociations') }),
      'UNKNOWN denied',
    ],
    ['a rule forwards its domain', withoutEc2({ forwardedDomains: read(['amazonaws.com']) }), 'UNKNOWN undecidable'],
    ['a rule forwards every name', withoutEc2({ forwardedDomains: read(['']) }), 'UNKNOWN undecidable'],
    ['a rule forwards another domain', withoutEc2({ forwardedDomains: read(['corp.example']) }), 'FAIL missing'],
    [
      'rules were not read',
      withoutEc2({ forwardedDomains: denied('route53resolver:ListResolverRuleAssociations') }),
      'UNKNOWN denied',
    ],
    [
      'the endpoint is here, and a rule of its very name comes before it',
      withVpc({ forwardedDomains: read([`ec2.${REGION}.amazonaws.com`]) }),
      'UNKNOWN undecidable',
    ],
    [
      'the endpoint is here, and whether a rule comes before it was not read',
      withVpc({ forwardedDomains: denied('route53resolver:ListResolverRuleAssociations') }),
      'UNKNOWN denied',
    ],
    [
      'the endpoint is here, and its name comes before a wider rule',
      withVpc({ forwardedDomains: read(['amazonaws.com']) }),
      'PASS holds',
    ],
    ['the zones were not read', withoutEc2({ hostedZones: denied('route53:ListHostedZonesByVPC') }), 'UNKNOWN denied'],
  ])('%s', (_name, of, expected) => {
    expect(outcome('eks-vpc-endpoints', of)).toBe(expected);
  });

  test('each place that was looked into has a line of proof', () => {
    const { proof } = verdictOf('eks-vpc-endpoints', withoutEc2({ forwardedDomains: read(['corp.example']) }));
    expect(proof.map(({ line }) => line)).toEqual(
      expect.arrayContaining([
        'vpc-1 private zones: none',
        'vpc-1 Route 53 Profiles: none',
        'vpc-1 forwarded domains: corp.example',
      ]),
    );
  });

  test.each(['peering', 'virtual-private-gateway', 'transit-gateway'] as const)(
    'a private route to a %s is no way to the internet',
    (kind) => {
      const of = withVpc({ routeTables: read([table({ routes: [LOCAL, route('10.0.0.0/8', kind, 'x-1')] })]) });
      expect(outcome('eks-node-egress', of)).toBe('PASS holds');
    },
  );

  test('a declaration stands in for the zone that points elsewhere', () => {
    const of = withoutEc2({ hostedZones: read([`ec2.${REGION}.amazonaws.com`]) });
    expect(outcome('eks-vpc-endpoints', of, { settings: { centralEgress: 'inspection' } })).toBe('PASS declared');
  });
});

describe('eks-vpc-endpoints-used', () => {
  const id = 'eks-vpc-endpoints-used';
  const podIdentity = (change: Partial<EksEvidence> = {}) =>
    evidence({ podIdentityAssociations: podIdentities('app-1', 'app-2'), ...change });
  const offering = network({ vpcs: read([vpc({ endpoints: read([...ENDPOINTS, endpoint('eks-auth')]) })]) });

  test.each([
    ['nothing further is used', evidence(), 'NOT_APPLICABLE not-used'],
    ['Pod Identity without its endpoint', podIdentity(), 'FAIL missing'],
    ['Pod Identity with its endpoint', podIdentity({ network: offering }), 'PASS holds'],
    ['associations were not read', evidence({ podIdentityAssociations: denied() }), 'UNKNOWN denied'],
    ['add-ons were not read', evidence({ addons: denied(), vpcCni: { state: 'not-listed' } }), 'UNKNOWN denied'],
    [
      'a missing endpoint stands beside add-ons that were not read',
      podIdentity({ addons: denied(), vpcCni: { state: 'not-listed' } }),
      'FAIL missing',
    ],
    [
      'the agent alone asks for the endpoint',
      evidence({ addons: read(['vpc-cni', 'eks-pod-identity-agent']) }),
      'FAIL missing',
    ],
    [
      'Fargate asks for sts',
      evidence({ fargateProfiles: read([read({ name: 'f', subnetIds: given(['subnet-1']) })]) }),
      'FAIL missing',
    ],
    [
      'the region does not offer it',
      podIdentity({ network: network({ offeredServices: read([`com.amazonaws.${REGION}.ec2`]) }) }),
      'NOT_APPLICABLE not-offered',
    ],
  ])('%s', (_name, of, expected) => {
    expect(outcome(id, of)).toBe(expected);
  });

  test('a configured service must have a working endpoint', () => {
    const settings = { services: ['kms'] };
    expect(outcome(id, evidence(), { settings })).toBe('FAIL missing');
    expect(outcome(id, withEndpoints(...ENDPOINTS, endpoint('kms')), { settings })).toBe('PASS holds');
    expect(outcome(id, withEndpoints(...ENDPOINTS, endpoint('kms-fips')), { settings })).toBe('UNKNOWN undecidable');
    const pending = withEndpoints(...ENDPOINTS, endpoint('kms', { state: 'pending' }));
    expect(outcome(id, pending, { settings })).toBe('UNKNOWN transitional-state');
    const off = withEndpoints(...ENDPOINTS, endpoint('kms', { privateDns: given(false) }));
    expect(outcome(id, off, { settings })).toBe('FAIL private-dns-off');
  });
});
