import { fail, notApplicable, pass, unknown } from '#domain/verdict.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { withField } from './shared/field.ts';
import { clusterFix } from './shared/fix.ts';

const FIELD = 'resourcesVpcConfig.controlPlaneEgressMode';

export default defineEksControl({
  id: 'eks-control-plane-egress',
  title: "The control plane's own calls leave through the VPC",
  severity: 'LOW',
  basis: 'EKS user guide: webhooks, OIDC discovery and aggregated APIs leave through the AWS network unless routed',
  reference: 'EKS user guide, control plane egress routing (June 2026)',
  remediation:
    'Set the control plane egress mode to CUSTOMER_ROUTED after the VPC has the routes and rules for it. There is no way back.',
  needs: ['eks:DescribeCluster'],
  evaluate(subject) {
    const { evidence, profile } = subject;
    if (profile === 'private') {
      return notApplicable('internet-allowed', 'profile private does not ask where the control plane calls out');
    }
    return withField(subject, FIELD, subject.cluster.controlPlaneEgressMode, (mode, proof) => {
      if (mode === 'CUSTOMER_ROUTED') return pass("the control plane's calls follow the VPC's routes", proof);
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
