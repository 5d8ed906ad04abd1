import { expect, test } from 'vitest';
import { parseConfig } from '#config/load.ts';
import { resolveConfig } from '#config/resolve.ts';
import { inClusterVerdicts } from '#handlers/in-cluster.ts';

const UID = 'arn:aws:eks:eu-west-1:111111111111:cluster/prod';
const YAML = `
aws: {}
kubernetes:
  clusters:
    - { name: prod, server: "https://10.0.0.1", token: "\${env:KUBE_TOKEN}", cluster: "${UID}" }
    - { name: lab, server: "https://10.0.0.2" }
`;

test("the cloud's own scan knows the clusters that are read from inside too, without their credentials", async () => {
  const config = await resolveConfig(parseConfig(YAML, 'ringfence.yaml'), {
    env: {},
    readSecret: async (arn) => Promise.reject(new Error(arn)),
    readFile: async (path) => Promise.reject(new Error(path)),
    providers: ['aws'],
    alerts: false,
  });
  expect(config.kubernetes).toBeUndefined();
  const asked: string[] = [];
  const verdicts = await inClusterVerdicts(config, [UID, 'arn:aws:eks:eu-west-1:111111111111:cluster/other'], {
    findingsOfResource: async (uid) => {
      asked.push(uid);
      return [];
    },
  });
  // Configured and never read: the composite must count this dimension as undecided, which a missing entry would leave out.
  expect([...verdicts.keys()]).toEqual([UID]);
  expect(asked).toEqual([UID]);
});
