import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, pass } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { CLUSTER_READ, fact, had, optional, short, sourceOf } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { ids } from './shared/fix.ts';

export default defineAksControl({
  id: 'aks-private-link-service',
  title: 'Private Link services of the cluster are not visible to everyone',
  severity: 'MEDIUM',
  basis: 'seed 003: an internal load balancer behind a private endpoint',
  reference: 'AKS documentation, internal-lb: connect Azure Private Link service',
  remediation: 'Limit the visibility and the automatic approval of the named services to your own subscriptions.',
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
      return pass('the node resource group holds no Private Link service', [
        fact(`${group.id} was read and holds no Private Link service`, 'nodeResourceGroup', group.id, source),
      ]);
    const expected = new Set(
      [...subject.evidence.subscriptions, ...subject.parameters.subscriptions].map((id) => id.toLowerCase()),
    );
    const parts = services.map((service) => {
      const visible = optional(service.visibility, `visibility of ${short(service.id)}`) ?? [];
      const approved = optional(service.autoApproval, `autoApproval of ${short(service.id)}`) ?? [];
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
          `the Private Link service ${short(service.id)} is open to every subscription`,
          proof,
          visibilityFix(service.id, [...expected]),
        );
      const foreign = [...new Set([...visible, ...approved])].filter((id) => !expected.has(id.toLowerCase()));
      if (foreign.length > 0)
        return fail(
          'unexpected-subscription',
          `the Private Link service ${short(service.id)} is open to unexpected subscriptions: ${foreign.join(', ')}`,
          proof,
          visibilityFix(service.id, [...expected]),
        );
      return pass(`${short(service.id)} is open to expected subscriptions only`, proof);
    });
    return combine(parts, 'every Private Link service is limited to expected subscriptions');
  },
});

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
