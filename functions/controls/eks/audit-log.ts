import { fail, pass } from '#domain/verdict.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { withField } from './shared/field.ts';
import { clusterFix } from './shared/fix.ts';

const WANTED = ['audit', 'authenticator'] as const;

export default defineEksControl({
  id: 'eks-audit-log',
  title: 'Audit and authenticator logs are enabled',
  severity: 'MEDIUM',
  basis: 'seed 002: audit logging',
  reference: 'EKS user guide, control plane logs',
  remediation: 'Switch the audit and authenticator logs on.',
  needs: ['eks:DescribeCluster'],
  evaluate(subject) {
    const { evidence } = subject;
    return withField(subject, 'logging', subject.cluster.enabledLogs, (enabled, proof) => {
      const missing = WANTED.filter((type) => !enabled.includes(type));
      if (missing.length === 0) return pass('audit and authenticator logs are enabled', proof);
      return fail('log-off', `control plane log off: ${missing.join(', ')}`, proof, {
        fix: clusterFix(
          evidence,
          `--logging '{"clusterLogging":[{"types":${JSON.stringify(missing)},"enabled":true}]}'`,
          `Logging:\n  ClusterLogging:\n    EnabledTypes:\n${[...new Set([...enabled, ...WANTED])].map((type) => `      - Type: ${type}`).join('\n')}`,
        ),
      });
    });
  },
});
