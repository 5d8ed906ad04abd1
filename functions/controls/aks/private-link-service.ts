import type { Source } from '#domain/collected.ts';
import type { AksConnection, AksPrivateLinkService } from '#domain/evidence/aks-inbound.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  fact,
  had,
  judged,
  judgedEach,
  optional,
  required,
  same,
  short,
  sourceOf,
  subscriptionOf,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { ids, lookFirst, repairs } from './shared/fix.ts';

export default defineAksControl({
  id: 'aks-private-link-service',
  title: 'Private Link services in front of the cluster admit expected subscriptions only',
  severity: 'MEDIUM',
  dimension: 'inbound exposure',
  basis: 'seed 003: an internal load balancer behind a private endpoint',
  reference: 'AKS documentation, internal-lb: connect Azure Private Link service',
  remediation:
    'Limit the visibility and the automatic approval of the named services to your own subscriptions; reject approved connections of unknown subscriptions once their owners are known.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Resources/subscriptions/resourceGroups/read',
    'Microsoft.Network/privateLinkServices/read',
  ],
  defaults: aksDefaults('nodeGroup.privateLinkServices.visibility'),
  parameters: { subscriptions: { describe: 'subscriptions expected beside those in scope', default: [] } },
  evaluate(subject) {
    const part = subject.evidence.nodeGroup;
    const group = had(part);
    const source = sourceOf(part, subject.source);
    const services = group.privateLinkServices;
    if (services.length === 0)
      return pass('no Private Link service fronts the cluster', [
        fact(
          `${group.id} was read: no Private Link service stands in it or fronts a load balancer of it`,
          'nodeResourceGroup',
          group.id,
          source,
        ),
      ]);
    const expected = new Set(
      [...subject.evidence.subscriptions, ...subject.parameters.subscriptions].map((id) => id.toLowerCase()),
    );
    const parts = services.map((service) => judged(() => judgeService(service, expected, source)));
    return combine(parts, 'every Private Link service is limited to expected subscriptions');
  },
});

function judgeService(service: AksPrivateLinkService, expected: ReadonlySet<string>, source: Source): Verdict {
  const name = short(service.id);
  const visible = required(service.visibility, `visibility of ${name}`);
  const approved = required(service.autoApproval, `autoApproval of ${name}`);
  const proof = [
    fact(
      `${service.id}: visible to [${visible.join(', ')}], approved without asking [${approved.join(', ')}]`,
      'privateLinkServices.properties.visibility.subscriptions',
      visible,
      source,
    ),
  ];
  if ([...visible, ...approved].includes('*'))
    return fail(
      'visible-to-everyone',
      `the Private Link service ${name} is open to every subscription`,
      proof,
      visibilityFix(service.id, [...expected]),
    );
  const foreign = [...new Set([...visible, ...approved])].filter((id) => !expected.has(id.toLowerCase()));
  if (foreign.length > 0)
    return fail(
      'unexpected-subscription',
      `the Private Link service ${name} is open to unexpected subscriptions: ${foreign.join(', ')}`,
      proof,
      visibilityFix(service.id, [...expected]),
    );
  const connections = judgedEach(() =>
    required(service.connections, `privateEndpointConnections of ${name}`).map((connection) =>
      judged(() => judgeConnection(service.id, connection, expected, source)),
    ),
  );
  const lists = pass(`${name} is open to expected subscriptions only`, proof);
  return combine([lists, ...connections], lists.message);
}

const CLOSED_STATES = ['Pending', 'Rejected', 'Disconnected'];

/** Narrowing the lists takes nothing away from who is connected already. */
function judgeConnection(
  serviceId: string,
  { name, status, privateEndpointId }: AksConnection,
  expected: ReadonlySet<string>,
  source: Source,
): Verdict {
  const state = required(status, `status of the connection ${name}`);
  const endpoint = optional(privateEndpointId, `privateEndpoint.id of ${name}`);
  const proof = [
    fact(
      `${name} is ${state}, from ${endpoint ?? 'an unnamed endpoint'}`,
      'privateLinkServices.properties.privateEndpointConnections',
      state,
      source,
    ),
  ];
  if (CLOSED_STATES.some((known) => same(state, known))) return pass(`${name} is ${state}`, proof);
  if (!same(state, 'Approved')) return unknown('unrecognised-value', `the connection ${name} is ${state}`, proof);
  if (endpoint === undefined) return unknown('absent-field', `the connection ${name} names no private endpoint`, proof);
  const subscription = subscriptionOf(endpoint);
  if (expected.has(subscription)) return pass(`${name} comes from ${subscription}`, proof);
  return fail(
    'unexpected-connection',
    `the Private Link service ${short(serviceId)} has an approved connection from the unexpected subscription ${subscription} (${name})`,
    proof,
    repairs([
      lookFirst(
        `az network private-link-service show ${ids(serviceId)} --query privateEndpointConnections`,
        `Ask the owner of ${endpoint} before the connection is rejected: it may be a customer.`,
      ),
    ]),
  );
}

/** AKS writes the lists anew from the Service's annotations, so both have to change. */
function visibilityFix(id: string, expected: readonly string[]): { readonly fix: Fix } {
  const list = expected.toSorted();
  const words = list.map(shellQuote).join(' ');
  const quoted = JSON.stringify(list.join(' '));
  const annotation = 'service.beta.kubernetes.io/azure-pls';
  return {
    fix: {
      commands: [`az network private-link-service update ${ids(id)} --visibility ${words} --auto-approval ${words}`],
      fragments: [
        {
          language: 'yaml',
          code: `metadata:\n  annotations:\n    ${annotation}-visibility: ${quoted}\n    ${annotation}-auto-approval: ${quoted}`,
        },
      ],
    },
  };
}
