import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, pass } from '#domain/verdict.ts';
import { apiServerOf, CLUSTER_READ, fact, had, optional, required, same, short, sourceOf } from './shared/cluster.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

const DELEGATE = 'Microsoft.ContainerService/managedClusters';

export default defineAksControl({
  id: 'aks-api-subnet-delegation',
  title: 'The subnet of the API server is delegated to AKS',
  severity: 'LOW',
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, api-server-vnet-integration: create a cluster with bring-your-own VNet',
  remediation: `Delegate the named subnet to ${DELEGATE}.`,
  needs: [CLUSTER_READ, 'Microsoft.Network/virtualNetworks/read', 'Microsoft.Network/virtualNetworks/subnets/read'],
  evaluate(subject) {
    const profile = apiServerOf(subject);
    if (profile === undefined || optional(profile.enableVnetIntegration, 'enableVnetIntegration') !== true)
      return notApplicable('no-vnet-integration', 'the API server has no VNet integration');
    if (optional(profile.subnetId, 'apiServerAccessProfile.subnetId') === undefined)
      return notApplicable('managed-network', 'the API server lives in a network that AKS manages');
    const part = subject.evidence.apiServerSubnet;
    const answer = had(part);
    if (answer.kind === 'none') return notApplicable('managed-network', 'the API server names no subnet');
    const delegations = required(answer.delegations, 'subnet.delegations');
    const proof = [
      fact(
        `${answer.id}: delegated to [${delegations.join(', ')}]`,
        'subnet.properties.delegations',
        delegations,
        sourceOf(part, subject.source),
      ),
    ];
    if (delegations.some((service) => same(service, DELEGATE)))
      return pass(`${short(answer.id)} is delegated to AKS`, proof);
    return fail('not-delegated', `${short(answer.id)}, the subnet of the API server, is not delegated to AKS`, proof, {
      fix: {
        commands: [`az network vnet subnet update --ids ${shellQuote(answer.id)} --delegations ${DELEGATE}`],
        fragments: [
          {
            language: 'bicep',
            code: `properties: {\n  delegations: [{ name: 'aks', properties: { serviceName: '${DELEGATE}' } }]\n}`,
          },
        ],
      },
    });
  },
});
