import type { AksConnection } from '#domain/evidence/aks-inbound.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown } from '#domain/verdict.ts';
import {
  CLUSTER_READ,
  fact,
  had,
  isPrivate,
  optional,
  required,
  same,
  sourceOf,
  subscriptionOf,
} from './shared/cluster.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { lookFirst, repairs } from './shared/fix.ts';

const READ = 'Microsoft.ContainerService/managedClusters/privateEndpointConnections/read';

export default defineAksControl({
  id: 'aks-private-endpoint-connections',
  title: 'Only expected private endpoint connections to the API server are approved',
  severity: 'MEDIUM',
  dimension: 'API exposure',
  basis: 'seed 003: control plane access',
  reference: 'ARM managedClusters/privateEndpointConnections',
  remediation: 'Reject the named connections, or declare their subscriptions.',
  needs: [CLUSTER_READ, READ],
  parameters: { subscriptions: { describe: 'subscriptions expected beside those in scope', default: [] } },
  evaluate(subject) {
    if (!isPrivate(subject))
      return notApplicable('public-cluster', 'a public API server has no private endpoint connections');
    const part = subject.evidence.privateEndpointConnections;
    const answer = had(part);
    if (answer.kind === 'not-private')
      return unknown('conflicting-fields', 'the connections were not read, because the cluster seemed public');
    const source = sourceOf(part, subject.source);
    const expected = new Set(
      [...subject.evidence.subscriptions, ...subject.parameters.subscriptions].map((id) => id.toLowerCase()),
    );
    const states = answer.connections.map((connection) => ({
      connection,
      status: required(connection.status, `status of connection ${connection.name}`),
    }));
    const proof = states.map(({ connection, status }) => proofOf(connection, status, source));
    const approved = states.filter(({ status }) => same(status, 'Approved'));
    const foreign = approved.filter(
      ({ connection }) =>
        !expected.has(
          subscriptionOf(required(connection.privateEndpointId, `privateEndpoint.id of ${connection.name}`)),
        ),
    );
    if (foreign.length > 0) {
      const list = foreign
        .map(
          ({ connection }) =>
            `${connection.name} from ${subscriptionOf(optional(connection.privateEndpointId, 'id') ?? '')}`,
        )
        .join(', ');
      return fail(
        'unexpected-connection',
        `approved private endpoint connections from unexpected subscriptions: ${list}`,
        proof,
        repairs(
          foreign.map(({ connection }) =>
            lookFirst(
              `az network private-endpoint-connection show --id ${shellQuote(`${subject.evidence.id}/privateEndpointConnections/${connection.name}`)}`,
              `Ask the owner of the endpoint of ${connection.name} before it is rejected: whoever is behind it loses the API server.`,
            ),
          ),
        ),
      );
    }
    const odd = states.filter(({ status }) => !KNOWN.some((known) => same(status, known)));
    if (odd.length > 0)
      return unknown(
        'unrecognised-value',
        `connections in unknown states: ${odd.map(({ connection, status }) => `${connection.name} ${status}`).join(', ')}`,
        proof,
      );
    const broken = states.every(({ status }) => same(status, 'Rejected') || same(status, 'Disconnected'));
    if (states.length > 0 && broken)
      return unknown('transitional-state', 'no connection to the API server is alive: the cluster is broken', proof);
    const seen =
      proof.length > 0 ? proof : [fact('the list of private endpoint connections is empty', READ, 0, source)];
    return pass(`${approved.length} approved connections, all from expected subscriptions`, seen);
  },
});

const KNOWN = ['Approved', 'Pending', 'Rejected', 'Disconnected'];

function proofOf(connection: AksConnection, status: string, source: Parameters<typeof fact>[3]): Proof {
  const endpoint = optional(connection.privateEndpointId, `privateEndpoint.id of ${connection.name}`);
  return fact(
    `${connection.name} is ${status}, from ${endpoint ?? 'an unnamed endpoint'}`,
    'privateEndpointConnections[].properties',
    status,
    source,
  );
}
