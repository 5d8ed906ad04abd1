import { notApplicable, type Proof, unknown, unknownBecause } from '#domain/verdict.ts';
import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { ENDPOINT_NEEDS } from './shared/needs.ts';
import { nodeSubnets } from './shared/node-subnets.ts';
import { judgeServices } from './shared/service-access.ts';
import { FIPS, wantedServices } from './shared/services.ts';
import { servicesUsed } from './shared/used-services.ts';

export default defineEksControl({
  id: 'eks-vpc-endpoints-used',
  title: "Every further AWS service that the cluster's features use has a working endpoint",
  severity: 'MEDIUM',
  basis: 'seed 001 (S4): VPC endpoints',
  reference: 'EKS user guide, private clusters with limited internet access',
  remediation: 'Create the endpoint that the finding names in the cluster VPC, or fix its defect.',
  needs: [
    ...ENDPOINT_NEEDS,
    'ec2:DescribeVpcEndpointServices',
    'eks:ListAddons',
    'eks:DescribeAddon',
    'eks:ListPodIdentityAssociations',
  ],
  parameters: {
    services: { describe: 'further services that must have an endpoint, as PrivateLink names them (kms)', default: [] },
    ...FIPS,
    ...CENTRAL_EGRESS,
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const uses = servicesUsed(evidence, subject, parameters.services);
    const nodes = nodeSubnets(evidence, subject);
    const wanted = (of: ReadonlyMap<string, string>) =>
      wantedServices([...of.keys()].sort(), parameters.fips, evidence);
    const verdict = judgeServices(wanted(uses.needed), evidence, nodes, subject);
    const proof = [...verdict.proof, ...because(uses.needed, 'is used by')];
    if (verdict.status === 'FAIL' || verdict.status === 'NOT_APPLICABLE') return { ...verdict, proof };
    if (uses.incomplete !== undefined) return unknownBecause(uses.incomplete, proof);
    if (verdict.status === 'UNKNOWN' && uses.needed.size > 0) return { ...verdict, proof };
    const possible = new Map([...uses.possible].filter(([service]) => !uses.needed.has(service)));
    const rest = judgeServices(wanted(possible), evidence, nodes, subject);
    if (possible.size > 0 && (rest.status === 'FAIL' || rest.status === 'UNKNOWN'))
      return unknown(
        rest.status === 'UNKNOWN' ? rest.reason : 'undecidable',
        `${rest.message}; whether it is called is decided inside the cluster: ${[...possible].map(([service, by]) => `${service} by ${by}`).join(', ')} (services declares it)`,
        [...proof, ...because(possible, 'may be used by'), ...rest.proof],
      );
    if (uses.needed.size === 0) return notApplicable('not-used', 'no feature that is visible uses a further service');
    return { ...verdict, proof };
  },
});

function because(uses: ReadonlyMap<string, string>, how: string): readonly Proof[] {
  return [...uses]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([service, by]) => ({
      kind: 'derived',
      line: `${service} ${how} ${by}`,
      field: `uses.${service}`,
      value: true,
    }));
}
