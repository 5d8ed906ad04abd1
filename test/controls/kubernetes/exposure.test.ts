import { describe, expect, test } from 'vitest';
import { given } from '#domain/collected.ts';
import { address, denied, hostname, node, read, service, verdictOf } from './evidence.ts';

const AZURE = 'service.beta.kubernetes.io/azure-load-balancer-internal';
const IBM = 'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type';
const AWS = 'service.beta.kubernetes.io/aws-load-balancer-scheme';
const OLD = 'service.beta.kubernetes.io/aws-load-balancer-internal';
const TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';
const CLASS = { loadBalancerClass: given('service.k8s.aws/nlb') };
const AUTO = { loadBalancerClass: given('eks.amazonaws.com/nlb') };
/** A name that does not tell. */
const NLB = [hostname('k8s-a1.elb.eu-west-1.amazonaws.com')];
type Platform = 'eks' | 'aks' | 'iks' | 'self-managed';
type More = Parameters<typeof service>[2];

const balancer = (platform: Platform, more: More) => ({
  platform,
  services: read([service('web', 'LoadBalancer', more)]),
});
const internal = [address('10.1.2.3')];
const open = [address('20.1.2.3')];

describe('kubernetes-services-internal', () => {
  test.each([
    [
      'aks: exactly true and a private address',
      balancer('aks', { annotations: { [AZURE]: 'true' }, addresses: internal }),
      'PASS',
      'holds',
    ],
    [
      'aks: True is not true',
      balancer('aks', { annotations: { [AZURE]: 'True' }, addresses: internal }),
      'FAIL',
      'exposed',
    ],
    [
      'aks: yes is not true',
      balancer('aks', { annotations: { [AZURE]: 'yes' }, addresses: internal }),
      'FAIL',
      'exposed',
    ],
    ['aks: no annotation', balancer('aks', { addresses: open }), 'FAIL', 'exposed'],
    [
      'aks: true, but the address is public',
      balancer('aks', { annotations: { [AZURE]: 'true' }, addresses: open }),
      'FAIL',
      'exposed',
    ],
    [
      'aks: true, no address yet',
      balancer('aks', { annotations: { [AZURE]: 'true' } }),
      'UNKNOWN',
      'transitional-state',
    ],
    [
      'aks: a class of another controller',
      balancer('aks', { loadBalancerClass: given('example.com/lb'), addresses: internal }),
      'UNKNOWN',
      'undecidable',
    ],
    ['eks: internet-facing', balancer('eks', { annotations: { [AWS]: 'internet-facing' } }), 'FAIL', 'exposed'],
    [
      'eks: an internal name',
      balancer('eks', { addresses: [hostname('internal-a1.eu-west-1.elb.amazonaws.com')] }),
      'PASS',
      'holds',
    ],
    [
      'eks: a numbered name without internal-',
      balancer('eks', { addresses: [hostname('a1-123456.eu-west-1.elb.amazonaws.com')] }),
      'FAIL',
      'exposed',
    ],
    [
      'eks: a numbered internal name, whatever the annotation says',
      balancer('eks', {
        annotations: { [AWS]: 'internet-facing' },
        addresses: [hostname('internal-a1-123456.eu-west-1.elb.amazonaws.com')],
      }),
      'PASS',
      'holds',
    ],
    [
      'eks: a numbered name in China',
      balancer('eks', { addresses: [hostname('a1-123456.cn-north-1.elb.amazonaws.com.cn')] }),
      'FAIL',
      'exposed',
    ],
    ...(
      [
        ['the load balancer controller, scheme internal', CLASS, { [AWS]: 'internal' }, 'PASS', 'holds'],
        [
          'the load balancer controller, scheme internet-facing',
          CLASS,
          { [AWS]: 'internet-facing' },
          'FAIL',
          'exposed',
        ],
        [
          'the load balancer controller by type external',
          {},
          { [TYPE]: 'external', [AWS]: 'internal' },
          'PASS',
          'holds',
        ],
        ['the load balancer controller by type nlb-ip', {}, { [TYPE]: 'nlb-ip' }, 'PASS', 'holds'],
        ['the load balancer controller, internal: "false"', CLASS, { [OLD]: 'false' }, 'FAIL', 'exposed'],
        [
          'the load balancer controller, the scheme wins',
          CLASS,
          { [OLD]: 'true', [AWS]: 'internet-facing' },
          'FAIL',
          'exposed',
        ],
        ['the load balancer controller, another scheme', CLASS, { [AWS]: 'private' }, 'UNKNOWN', 'unrecognised-value'],
        ['Auto Mode, scheme internal', AUTO, { [AWS]: 'internal' }, 'PASS', 'holds'],
        ['Auto Mode ignores the older annotation', AUTO, { [OLD]: 'false' }, 'PASS', 'holds'],
        ['Auto Mode, scheme internet-facing', AUTO, { [AWS]: 'internet-facing', [OLD]: 'true' }, 'FAIL', 'exposed'],
        ['the in-tree controller, the older annotation', {}, { [OLD]: 'true' }, 'PASS', 'holds'],
        ['the in-tree controller takes any value', {}, { [OLD]: '0.0.0.0/0' }, 'PASS', 'holds'],
        ['the in-tree controller, an empty value', {}, { [OLD]: '' }, 'FAIL', 'exposed'],
        ['the in-tree controller ignores the scheme', {}, { [AWS]: 'internal' }, 'FAIL', 'exposed'],
        [
          'a class that nobody knows',
          { loadBalancerClass: given('example.com/x') },
          { [AWS]: 'internal' },
          'UNKNOWN',
          'undecidable',
        ],
      ] as const
    ).flatMap(([name, change, annotations, status, reason]) => [
      [`eks: ${name}, named`, balancer('eks', { ...change, annotations, addresses: NLB }), status, reason] as const,
      [`eks: ${name}, no address yet`, balancer('eks', { ...change, annotations }), status, reason] as const,
    ]),
    ['eks: private addresses', balancer('eks', { addresses: internal }), 'PASS', 'holds'],
    ['iks: private', balancer('iks', { annotations: { [IBM]: 'private' }, addresses: internal }), 'PASS', 'holds'],
    ['iks: public is the default', balancer('iks', { addresses: [hostname('lb.example')] }), 'FAIL', 'exposed'],
    ['self-managed: a private address', balancer('self-managed', { addresses: internal }), 'PASS', 'holds'],
    ['self-managed: a public address', balancer('self-managed', { addresses: open }), 'FAIL', 'exposed'],
    ['ClusterIP only', {}, 'PASS', 'holds'],
    ['a type in other letters', { services: read([service('web', 'loadbalancer')]) }, 'UNKNOWN', 'unrecognised-value'],
    ['ExternalName', { services: read([service('web', 'ExternalName')]) }, 'PASS', 'holds'],
    [
      'an internal load balancer whose node ports are open on public nodes',
      {
        ...balancer('self-managed', { addresses: internal, nodePorts: [30080] }),
        nodes: read([node({ addresses: ['10.0.0.5', '203.0.113.9'] })]),
      },
      'FAIL',
      'exposed',
    ],
    [
      'an internal load balancer on private nodes',
      balancer('self-managed', { addresses: internal, nodePorts: [30080] }),
      'PASS',
      'holds',
    ],
    [
      'externalIPs',
      { services: read([service('web', 'ClusterIP', { externalIPs: ['10.0.0.9'] })]) },
      'FAIL',
      'exposed',
    ],
    ['Services denied', { services: denied }, 'UNKNOWN', 'denied'],
    ['Ingresses denied', { ingresses: denied }, 'UNKNOWN', 'denied'],
    ['Gateways denied', { gateways: denied }, 'UNKNOWN', 'denied'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-services-internal', change)).toMatchObject({ status, reason });
  });

  test('narrow source ranges make it less grave, and public all the same', () => {
    const change = balancer('self-managed', { addresses: open, sourceRanges: ['203.0.113.0/24'] });
    expect(verdictOf('kubernetes-services-internal', change)).toMatchObject({ status: 'FAIL', severity: 'MEDIUM' });
  });

  test('a NodePort is LOW where the nodes are known, else undecidable', () => {
    const services = read([service('web', 'NodePort', { nodePorts: [30080] })]);
    expect(verdictOf('kubernetes-services-internal', { services })).toMatchObject({
      status: 'FAIL',
      severity: 'LOW',
      message: expect.stringContaining('30080'),
    });
    expect(verdictOf('kubernetes-services-internal', { services, nodes: denied })).toMatchObject({
      status: 'UNKNOWN',
      reason: 'undecidable',
    });
  });

  test.each([
    ['Ingress', 'ingresses'],
    ['Gateway', 'gateways'],
  ] as const)('a %s with a public address fails', (kind, part) => {
    const entry = { namespace: 'shop', name: 'front', className: given('x'), annotations: {}, addresses: open };
    const value =
      part === 'ingresses' ? { ingresses: read([entry]) } : { gateways: read({ served: true, items: [entry] }) };
    expect(verdictOf('kubernetes-services-internal', value)).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining(`${kind} shop/front`),
    });
  });

  test('a public load balancer of kube-system is not exempt unless configured', () => {
    const services = read([service('ingress', 'LoadBalancer', { namespace: 'kube-system', addresses: open })]);
    expect(verdictOf('kubernetes-services-internal', { services }).status).toBe('FAIL');
    expect(verdictOf('kubernetes-services-internal', { services }, { exemptNamespaces: ['kube-system'] }).status).toBe(
      'PASS',
    );
  });
});

describe('kubernetes-external-ips', () => {
  test('names the Service and its addresses', () => {
    const services = read([service('web', 'ClusterIP', { externalIPs: ['198.51.100.7'] })]);
    expect(verdictOf('kubernetes-external-ips', { services })).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('shop/web (198.51.100.7)'),
    });
    expect(verdictOf('kubernetes-external-ips')).toMatchObject({ status: 'PASS' });
    expect(verdictOf('kubernetes-external-ips', { services: denied })).toMatchObject({
      status: 'UNKNOWN',
      reason: 'denied',
    });
  });
});
