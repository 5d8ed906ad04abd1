import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknown } from '#domain/verdict.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';

const FIELD = 'encryptionConfig';

export default defineEksControl({
  id: 'eks-secrets-encryption',
  title: 'Secrets are encrypted with a key',
  severity: 'MEDIUM',
  basis: 'seed 004: encryption of secrets at rest',
  reference: 'EKS user guide, envelope encryption of Kubernetes API data',
  remediation: 'Associate an encryption configuration with a KMS key of your own for secrets. This cannot be undone.',
  needs: ['eks:DescribeCluster'],
  parameters: { customerKey: { describe: 'true asks for a KMS key of your own', default: false } },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const { encryptedResources, version } = subject.cluster;
    if (encryptedResources.state === 'malformed') return missingField(FIELD, encryptedResources);
    const encrypted = encryptedResources.state === 'given' ? encryptedResources.value : [];
    const key = clusterFact(subject, `${FIELD}.resources`, encrypted);
    if (encrypted.includes('secrets')) return pass('a KMS key of the account encrypts secrets', [key]);
    if (version.state !== 'given') return missingField('version', version);
    const proof = [key, clusterFact(subject, 'version', version.value)];
    const match = /^1\.(\d+)$/.exec(version.value);
    if (match === null) return unknown('unrecognised-value', `version ${version.value} is not known`, proof);
    // Since 1.28 EKS encrypts all API data with a key that AWS owns, and says nothing of it in the answer.
    const byDefault = Number(match[1]) >= 28;
    if (byDefault && !parameters.customerKey) {
      return pass(`secrets are encrypted with a key that AWS owns, the default since 1.28`, proof, 'aws-owned-key');
    }
    const { region, name, partition, account } = evidence;
    return fail(
      byDefault ? 'aws-owned-key' : 'not-encrypted',
      byDefault
        ? 'the key that encrypts secrets is AWS-owned, not your own'
        : `no key encrypts secrets on version ${version.value}`,
      proof,
      {
        fix: {
          commands: [
            `aws eks associate-encryption-config --region ${shellQuote(region)} --cluster-name ${shellQuote(name)} --encryption-config '[{"resources":["secrets"],"provider":{"keyArn":"arn:${partition}:kms:${region}:${account}:key/<key id>"}}]'`,
          ],
          fragments: [
            {
              language: 'cloudformation',
              code: `# ${name}\nType: AWS::EKS::Cluster\nProperties:\n  EncryptionConfig:\n    - Resources: [secrets]\n      Provider:\n        KeyArn: !GetAtt SecretsKey.Arn`,
            },
          ],
        },
      },
    );
  },
});
