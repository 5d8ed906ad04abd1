import { fail, pass, unknown } from '#domain/verdict.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { withField } from './shared/field.ts';
import { clusterFix } from './shared/fix.ts';

const FIELD = 'accessConfig.authenticationMode';

export default defineEksControl({
  id: 'eks-access-mode',
  title: 'Cluster access is granted by access entries',
  severity: 'INFORMATIONAL',
  basis: 'seed 001 (S11): only the creating principal is an administrator at first',
  reference: 'EKS user guide, access entries',
  remediation:
    'Move the entries of the aws-auth ConfigMap to access entries, then set the authentication mode to API. This cannot be undone.',
  needs: ['eks:DescribeCluster'],
  evaluate(subject) {
    const { evidence } = subject;
    return withField(subject, FIELD, subject.cluster.authenticationMode, (mode, proof) => {
      if (mode === 'API') return pass('access is granted by access entries alone', proof);
      if (mode !== 'API_AND_CONFIG_MAP' && mode !== 'CONFIG_MAP') {
        return unknown('unrecognised-value', `authentication mode ${mode} is not known`, proof);
      }
      // EKS changes modes one step at a time. Source: EKS user guide, "Change authentication mode".
      const next = mode === 'CONFIG_MAP' ? 'API_AND_CONFIG_MAP' : 'API';
      return fail(
        'config-map',
        `authentication mode is ${mode}: the aws-auth ConfigMap grants access unseen by the API`,
        proof,
        {
          fix: clusterFix(
            evidence,
            `--access-config authenticationMode=${next}`,
            `AccessConfig:\n  AuthenticationMode: ${next}`,
          ),
        },
      );
    });
  },
});
