import type { Source } from '#domain/collected.ts';
import type { AksFrontend } from '#domain/evidence/aks-inbound.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  derived,
  fact,
  had,
  judged,
  networkOf,
  optional,
  path,
  type ReadCluster,
  required,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { ids } from './shared/fix.ts';
import { judgeTranslations } from './shared/translations.ts';

export default defineAksControl({
  id: 'aks-load-balancer-internal',
  title: 'No load balancer and no firewall translation leads from the internet into the cluster',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 003: Services use an internal load balancer',
  reference:
    'AKS documentation, internal-lb, configure-load-balancer-standard and limit-egress-traffic; cloud-provider-azure',
  remediation:
    'Annotate the named Services with service.beta.kubernetes.io/azure-load-balancer-internal: "true"; find out who uses a named firewall rule, and take it out.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Resources/subscriptions/resourceGroups/read',
    'Microsoft.Network/loadBalancers/read',
    'Microsoft.Network/publicIPAddresses/read',
    'Microsoft.Network/azureFirewalls/read',
    'Microsoft.Network/firewallPolicies/read',
    'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read',
  ],
  defaults: aksDefaults('cluster.network.loadBalancerOutboundIps'),
  evaluate(subject) {
    const balancers = judged(() => judgeLoadBalancers(subject));
    const published = judgeTranslations(subject);
    return published.length === 0 ? balancers : combine([balancers, ...published], balancers.message);
  },
});

/** Decided by frontends and their rules. Names prove nothing: the first balancer is called `kubernetes` whether or not it is public. */
function judgeLoadBalancers(subject: ReadCluster): Verdict {
  const part = subject.evidence.nodeGroup;
  const group = had(part);
  const source = sourceOf(part, subject.source);
  const frontends = required(group.frontends, 'loadBalancers[].frontendIPConfigurations');
  if (frontends.length > 0)
    return combine(
      frontends.map((frontend) => judged(() => judgeFrontend(frontend, source))),
      'no load balancer has a public inbound frontend',
    );
  const network = networkOf(subject);
  const outbound = optional(network.loadBalancerOutboundIps, 'loadBalancerProfile.effectiveOutboundIPs') ?? [];
  const proof = [fact(`${group.id} was read and holds no load balancer`, 'nodeResourceGroup', group.id, source)];
  if (outbound.length > 0) {
    // Resource Graph leaves out what the reader may not see. A balancer that must exist and is not there was not shown.
    return unknown(
      'conflicting-fields',
      'the cluster leaves through a load balancer that the node resource group does not show',
      [
        ...proof,
        fact(
          `loadBalancerProfile.effectiveOutboundIPs: ${outbound.join(', ')}`,
          'properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs',
          outbound,
          subject.source,
        ),
      ],
    );
  }
  return pass('the node resource group holds no load balancer', proof);
}

function judgeFrontend(frontend: AksFrontend, source: Source): Verdict {
  const where = `frontend ${frontend.name} of ${short(frontend.loadBalancerId)}`;
  const open =
    optional(frontend.publicIpId, `publicIPAddress of ${where}`) ??
    optional(frontend.publicPrefixId, `publicIPPrefix of ${where}`);
  if (open === undefined) {
    const subnet = required(frontend.subnetId, `publicIPAddress, publicIPPrefix or subnet of ${where}`);
    return pass(`${where} is internal`, [path([frontend.loadBalancerId, frontend.name, subnet], source)]);
  }
  const inbound = required(frontend.inbound, `inbound rules of ${where}`);
  const outbound = required(frontend.outbound, `outbound rules of ${where}`);
  const address = optional(frontend.address, `ipAddress of ${short(open)}`);
  const service = optional(frontend.service, `tag k8s-azure-service of ${short(open)}`);
  const hops = [frontend.loadBalancerId, frontend.name, open, ...(address === undefined ? [] : [address])];
  if (inbound.length === 0) {
    const use = outbound.length > 0 ? 'egress only' : 'nothing attached';
    return pass(`${where} is public, ${use}`, [
      path([...hops, use], source),
      derived(`${where} admits nothing: ${use}`),
    ]);
  }
  const owner = service === undefined ? [] : [`Service ${service}`];
  const proof: readonly Proof[] = [path([...hops, ...inbound, ...owner], source)];
  return fail(
    'public-frontend',
    `${where} is public (${address ?? short(open)})${service === undefined ? '' : ` for the Service ${service}`}`,
    proof,
    serviceFix(service, open),
  );
}

/** The address carries the names of its Services; where it does not, they have to be looked up first. */
function serviceFix(service: string | undefined, address: string): { readonly fix: Fix } {
  const named = (service ?? '').split(',').filter((name) => name.includes('/'));
  const annotation = 'service.beta.kubernetes.io/azure-load-balancer-internal';
  const annotate = (namespace: string, name: string) =>
    `kubectl annotate service --namespace ${namespace} ${name} ${annotation}=true --overwrite`;
  const commands =
    named.length === 0
      ? [`az resource show ${ids(address)} --query tags`, annotate('<namespace>', '<service>')]
      : named.map((full) => {
          const [namespace = '', name = ''] = full.trim().split('/');
          return annotate(shellQuote(namespace), shellQuote(name));
        });
  return {
    fix: { commands, fragments: [{ language: 'yaml', code: `metadata:\n  annotations:\n    ${annotation}: "true"` }] },
  };
}
