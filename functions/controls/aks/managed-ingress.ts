import { fail, notApplicable, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import loadBalancerInternal from './load-balancer-internal.ts';
import { clusterArguments, fact, had, judged, optional, type ReadCluster, same, sourceOf } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { lookFirst, repairs } from './shared/fix.ts';
import { judgeGateway, judgeGatewaysInFront } from './shared/gateways.ts';

export default defineAksControl({
  id: 'aks-managed-ingress',
  title: 'Managed ingress, mesh gateways and application gateways in front of the cluster are internal',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 003: an internal load balancer, fronted by Application Gateway or a private endpoint',
  reference:
    'AKS documentation, app-routing and istio-deploy-ingress; ARM ingressProfile, serviceMeshProfile, addonProfiles',
  remediation: 'Switch the named gateways to Internal, or put a web application firewall in front and declare it.',
  needs: [...loadBalancerInternal.needs, 'Microsoft.Network/applicationGateways/read'],
  defaults: aksDefaults(
    'cluster.webAppRouting',
    'cluster.webAppRouting.enabled',
    'cluster.webAppRouting.defaultController',
    'cluster.webAppRouting.gatewayMode',
    'cluster.httpApplicationRouting',
    'cluster.unknownIngress',
    'cluster.meshGateways',
    'cluster.applicationGatewayAddon',
    'cluster.applicationGatewayAddon.enabled',
  ),
  parameters: {
    acceptWebApplicationFirewall: {
      describe: 'a public Application Gateway with a web application firewall counts as closed',
      default: false,
    },
  },
  evaluate(subject) {
    const parts = [
      judged(() => appRouting(subject)),
      judged(() => routingGateways(subject)),
      judged(() => httpApplicationRouting(subject)),
      judged(() => unknownIngress(subject)),
      ...meshGateways(subject),
      judged(() => applicationGateway(subject, subject.parameters.acceptWebApplicationFirewall)),
      ...judgeGatewaysInFront(subject, subject.parameters.acceptWebApplicationFirewall),
    ];
    const active = parts.filter(({ status }) => status !== 'NOT_APPLICABLE');
    if (active.length > 0) return combine(active, passMessage(active));
    return pass('no managed ingress is enabled', [
      fact(
        'no managed ingress, mesh gateway or Application Gateway add-on is enabled',
        'properties.ingressProfile',
        null,
        subject.source,
      ),
    ]);
  },
});

/** What is public and accepted is not called internal. */
function passMessage(active: readonly Verdict[]): string {
  const accepted = active.filter(({ reason }) => reason === 'declared').map(({ message }) => message);
  return accepted.length === 0
    ? 'every managed ingress is internal'
    : `${accepted.join('; ')}; every other managed ingress is internal`;
}

function appRouting(subject: AksSubject): Verdict {
  const routing = optional(subject.cluster.webAppRouting, 'ingressProfile.webAppRouting');
  if (routing === undefined) return notApplicable('disabled', 'application routing is off');
  const enabled = optional(routing.enabled, 'webAppRouting.enabled');
  const silent = enabled === undefined && routing.defaultController.state !== 'absent';
  if (enabled !== true && !silent) return notApplicable('disabled', 'application routing is off');
  const type = optional(routing.defaultController, 'defaultIngressControllerType');
  const told = type ?? 'absent (the default is AnnotationControlled)';
  const proof = [
    fact(
      `application routing: enabled ${enabled ?? 'absent'}, its default controller is ${told}`,
      'properties.ingressProfile.webAppRouting.nginx.defaultIngressControllerType',
      type ?? null,
      subject.source,
    ),
  ];
  if (silent && !same(type, 'Internal') && !same(type, 'None'))
    return unknown(
      'absent-field',
      `application routing does not say whether it is enabled (controller ${told})`,
      proof,
    );
  if (same(type, 'External')) {
    return fail(
      'ingress-external',
      'the default ingress controller of application routing is External',
      proof,
      repairs(
        [`az aks approuting update ${clusterArguments(subject.evidence.id)} --nginx Internal`],
        "ingressProfile: {\n  webAppRouting: {\n    enabled: true\n    nginx: { defaultIngressControllerType: 'Internal' }\n  }\n}",
      ),
    );
  }
  if (same(type, 'Internal') || same(type, 'None')) return pass(`the default ingress controller is ${type}`, proof);
  if (type === undefined || same(type, 'AnnotationControlled')) return byBalancers(subject, proof);
  return unknown('unrecognised-value', `the default ingress controller type ${type} is not known`, proof);
}

/** Where annotations inside the cluster decide who is public, the balancers show what they decided. */
function byBalancers(subject: AksSubject, proof: Verdict['proof']): Verdict {
  const balancers = subject.verdictOf(loadBalancerInternal);
  return { ...balancers, proof: [...balancers.proof, ...proof] };
}

/** Gateways of the Gateway API, which application routing can make since 2026. */
function routingGateways(subject: AksSubject): Verdict {
  const routing = optional(subject.cluster.webAppRouting, 'ingressProfile.webAppRouting');
  const mode = routing === undefined ? undefined : optional(routing.gatewayMode, 'appRoutingIstio.mode');
  if (mode === undefined || same(mode, 'Disabled'))
    return notApplicable('disabled', 'application routing makes no gateways');
  const proof = [
    fact(
      `application routing makes gateways of the Gateway API: appRoutingIstio.mode is ${mode}`,
      'properties.ingressProfile.webAppRouting.gatewayAPIImplementations.appRoutingIstio.mode',
      mode,
      subject.source,
    ),
  ];
  return same(mode, 'Enabled')
    ? byBalancers(subject, proof)
    : unknown('unrecognised-value', `appRoutingIstio.mode ${mode} is not known`, proof);
}

/** An ingress that Azure adds later, or shows in a preview: no reason to say that there is none. */
function unknownIngress(subject: AksSubject): Verdict {
  const names = optional(subject.cluster.unknownIngress, 'ingressProfile') ?? [];
  if (names.length === 0) return notApplicable('disabled', 'no other ingress is enabled');
  return unknown('unrecognised-value', `ingressProfile has ${names.join(', ')} enabled, which is not known`, [
    fact(`ingressProfile: ${names.join(', ')} enabled`, 'properties.ingressProfile', names, subject.source),
  ]);
}

/** The retired add-on of older clusters. */
function httpApplicationRouting(subject: AksSubject): Verdict {
  if (optional(subject.cluster.httpApplicationRouting, 'addonProfiles.httpApplicationRouting.enabled') !== true)
    return notApplicable('disabled', 'HTTP application routing is off');
  return byBalancers(subject, [
    fact(
      'the add-on HTTP application routing is enabled',
      'properties.addonProfiles.httpApplicationRouting.enabled',
      true,
      subject.source,
    ),
  ]);
}

function meshGateways({ cluster, evidence, source }: ReadCluster): readonly Verdict[] {
  return judgedList(() => optional(cluster.meshGateways, 'istio.components.ingressGateways') ?? []).map((entry) =>
    'status' in entry
      ? entry
      : judged(() => {
          const mode = optional(entry.mode, 'ingressGateways[].mode');
          const enabled = optional(entry.enabled, 'ingressGateways[].enabled');
          const proof = [
            fact(
              `mesh ingress gateway: enabled ${enabled ?? 'absent'}, mode ${mode ?? 'absent'}`,
              'properties.serviceMeshProfile.istio.components.ingressGateways',
              mode ?? null,
              source,
            ),
          ];
          if (enabled === false) return notApplicable('disabled', 'the mesh gateway is disabled');
          if (same(mode, 'Internal')) return pass('the mesh ingress gateway is internal', proof);
          if (same(mode, 'External'))
            return enabled === true
              ? fail('ingress-external', 'an external mesh ingress gateway is enabled', proof, meshFix(evidence.id))
              : unknown('absent-field', 'a mesh ingress gateway does not say whether it is enabled', proof);
          return unknown(
            mode === undefined ? 'absent-field' : 'unrecognised-value',
            `a mesh ingress gateway has the mode ${mode ?? '(absent)'}`,
            proof,
          );
        }),
  );
}

function meshFix(id: string): ReturnType<typeof repairs> {
  return repairs(
    [
      lookFirst(
        `az aks mesh enable-ingress-gateway ${clusterArguments(id)} --ingress-gateway-type internal`,
        'Move the routes of the external gateway to the internal one; then nothing uses the external one any more.',
      ),
    ],
    "serviceMeshProfile: {\n  istio: {\n    components: { ingressGateways: [{ enabled: false, mode: 'External' }] }\n  }\n}",
  );
}

/** A list, or the verdict that says why there is none. */
function judgedList<T extends object>(read: () => readonly T[]): readonly (T | Verdict)[] {
  let list: readonly T[] = [];
  const verdict = judged(() => {
    list = read();
    return notApplicable('read', '');
  });
  return verdict.status === 'UNKNOWN' ? [verdict] : list;
}

function applicationGateway({ cluster, evidence, source }: ReadCluster, acceptsFirewall: boolean): Verdict {
  const addon = optional(cluster.applicationGatewayAddon, 'addonProfiles.ingressApplicationGateway');
  if (addon === undefined || optional(addon.enabled, 'ingressApplicationGateway.enabled') !== true)
    return notApplicable('disabled', 'the Application Gateway add-on is off');
  const answer = had(evidence.applicationGateway);
  const on = fact(
    'the Application Gateway add-on is enabled',
    'properties.addonProfiles.ingressApplicationGateway.enabled',
    true,
    source,
  );
  if (answer.kind === 'none')
    return unknown('absent-field', 'the Application Gateway add-on does not name its gateway', [on]);
  return judgeGateway(
    answer.gateway,
    acceptsFirewall,
    sourceOf(evidence.applicationGateway, source),
    'the Application Gateway',
    [on],
  );
}
