import type { Unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { notApplicable, type Proof, unknownBecause } from '#domain/verdict.ts';
import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { ENDPOINT_NEEDS } from './shared/needs.ts';
import { nodeSubnets } from './shared/node-subnets.ts';
import { judgeServices } from './shared/service-access.ts';
import { ADDON_SERVICES } from './shared/services.ts';

export default defineEksControl({
  id: 'eks-vpc-endpoints-used',
  title: "Every further AWS service that the cluster's features use has a working endpoint",
  severity: 'MEDIUM',
  basis: 'seed 001 (S4): VPC endpoints',
  reference: 'EKS user guide, private clusters with limited internet access',
  remediation: 'Create the endpoint that the finding names in the cluster VPC, or mend its defect.',
  needs: [...ENDPOINT_NEEDS, 'ec2:DescribeVpcEndpointServices', 'eks:ListAddons', 'eks:ListPodIdentityAssociations'],
  parameters: {
    services: { describe: 'further services that must have an endpoint, as PrivateLink names them (kms)', default: [] },
    ...CENTRAL_EGRESS,
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const uses = usesOf(evidence, parameters.services);
    const services = [...uses.services.keys()].sort();
    const verdict = judgeServices(services, evidence, nodeSubnets(evidence, subject), subject);
    const because: readonly Proof[] = services.map((service) => ({
      kind: 'derived',
      line: `${service} is used by ${uses.services.get(service) ?? ''}`,
      field: `uses.${service}`,
      value: true,
    }));
    const proof = [...verdict.proof, ...because];
    if (verdict.status === 'FAIL' || verdict.status === 'NOT_APPLICABLE') return { ...verdict, proof };
    if (uses.incomplete !== undefined) return unknownBecause(uses.incomplete, proof);
    if (services.length === 0) return notApplicable('not-used', 'no feature that is visible uses a further service');
    return { ...verdict, proof };
  },
});

/** Services by the feature that needs them. What workloads call is not visible from here: the parameter names it. */
function usesOf(evidence: EksEvidence, configured: readonly string[]) {
  const { fargateProfiles, podIdentityAssociations, addons } = evidence;
  const services = new Map(configured.map((service) => [service, 'the configuration']));
  const missing: Unavailable[] = [];
  if (fargateProfiles.state === 'unavailable') missing.push(fargateProfiles);
  else if (fargateProfiles.value.length > 0) services.set('sts', 'Fargate');
  if (podIdentityAssociations.state === 'unavailable') missing.push(podIdentityAssociations);
  else if (podIdentityAssociations.value > 0)
    services.set('eks-auth', `${podIdentityAssociations.value} Pod Identity associations`);
  if (addons.state === 'unavailable') missing.push(addons);
  else
    for (const addon of addons.value)
      for (const service of ADDON_SERVICES.get(addon) ?? []) services.set(service, `the add-on ${addon}`);
  return { services, incomplete: missing[0] };
}
