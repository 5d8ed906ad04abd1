import { fail, notApplicable, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { withClusterSubnets } from './shared/cluster-subnets.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl, type EksSubject } from './shared/define-eks-control.ts';
import { pathProof, subnetEgress } from './shared/egress.ts';
import { withField } from './shared/field.ts';
import { clusterFix } from './shared/fix.ts';
import { PATH_NEEDS } from './shared/needs.ts';
import { closeRoutes } from './shared/route-fix.ts';

const FIELD = 'resourcesVpcConfig.controlPlaneEgressMode';

export default defineEksControl({
  id: 'eks-control-plane-egress',
  title: "The control plane's own calls leave through the VPC",
  severity: 'LOW',
  basis: 'EKS user guide: webhooks, OIDC discovery and aggregated APIs leave through the AWS network unless routed',
  reference: 'EKS user guide, control plane egress routing (June 2026)',
  remediation:
    'Set the control plane egress mode to CUSTOMER_ROUTED after the VPC has the routes and rules for it. This cannot be undone.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeSubnets', ...PATH_NEEDS],
  defaults: eksDefaults('network.subnets.blockMode'),
  parameters: CENTRAL_EGRESS,
  evaluate(subject) {
    const { evidence, profile } = subject;
    if (profile === 'private') {
      return notApplicable('internet-allowed', 'profile private does not ask where the control plane calls out');
    }
    return withField(subject, FIELD, subject.cluster.controlPlaneEgressMode, (mode, proof) => {
      if (mode === 'CUSTOMER_ROUTED') return judgeRoutes(subject, proof);
      if (mode !== 'AWS_MANAGED') return unknown('unrecognised-value', `egress mode ${mode} is not documented`, proof);
      return fail('aws-managed', "the control plane's calls leave through the AWS network, past the VPC", proof, {
        fix: clusterFix(
          evidence,
          '--resources-vpc-config controlPlaneEgressMode=CUSTOMER_ROUTED',
          'ResourcesVpcConfig:\n  ControlPlaneEgressMode: CUSTOMER_ROUTED',
        ),
      });
    });
  },
});

/** Routed into the VPC, the calls leave by the routes of the cluster's own subnets, where the control plane's interfaces are. */
function judgeRoutes(subject: EksSubject<typeof CENTRAL_EGRESS>, mode: readonly Proof[]): Verdict {
  const { evidence, declaredEgress } = subject;
  return withClusterSubnets(evidence, subject, (found, gone) => {
    const paths = found.map((subnet) => subnetEgress(subnet, evidence.network));
    const proof = [...mode, ...paths.map(pathProof)];
    const open = paths.filter(({ egress }) => egress.kind === 'open');
    const [first] = open;
    if (first !== undefined)
      return fail('internet-route', `the control plane's calls leave by ${first.hops.join(' → ')}`, [...proof], {
        fix: closeRoutes(open, evidence),
      });
    const undecided = paths.find(({ egress }) => egress.kind === 'undecided')?.egress;
    if (undecided?.kind === 'undecided') return unknown(undecided.reason, undecided.message, proof);
    if (gone.length > 0) return unknown('not-found', `${gone.join(', ')} is not shown by EC2`, proof);
    const elsewhere = paths.filter(({ egress }) => egress.kind === 'elsewhere');
    const [leading] = elsewhere;
    if (leading === undefined)
      return pass("the control plane's calls follow the VPC's routes, and none leads out", proof);
    const central = declaredEgress([...new Set(elsewhere.map(({ subnet }) => subnet.vpcId))].sort());
    const path = leading.hops.join(' → ');
    return central.value === 'none'
      ? unknown(
          'undecidable',
          `where this leads is outside what the role can see (${central.key} declares it): ${path}`,
          proof,
        )
      : pass(
          `the control plane's calls leave by ${central.value}, as ${central.key} declares: ${path}`,
          [{ kind: 'declared', line: `${central.key}: ${central.value}` }, ...proof],
          'declared',
        );
  });
}
