import { compareNames } from './listing.ts';

/** What is written for a new control: a statement that holds of nearly every subject, to be replaced, with a test of each of its verdicts. */
interface Texts {
  readonly control: string;
  /** Evidence on which the control fails: for the test, for the properties over all controls and for the example in docs/controls.md. */
  readonly example: string;
  readonly test: string;
}

interface Parts {
  /** What the control imports beside `#domain`, as lines. */
  readonly imports: string;
  readonly verdicts: string;
  readonly door: string;
  readonly title: string;
  readonly reference: string;
  readonly remediation: string;
  readonly needs: string;
  readonly evaluate: string;
  readonly exampleImports: string;
  readonly failing: string;
  /** What the test imports from beside it, by file. */
  readonly testImports: Readonly<Record<string, string>>;
  /** What the test imports from the domain. */
  readonly domain?: string;
  readonly setup?: string;
  readonly passing: string;
  readonly unread: string;
  readonly failReason: string;
  readonly unknownReason: string;
}

const REPLACE =
  '// Replace the statement, its sources, what it reads and the fix. The id stays: alerts and exceptions use it.';

function textsOf(kind: string, parts: Parts) {
  return (id: string, file: string): Texts => ({
    control: `import { ${parts.verdicts} } from '#domain/verdict.ts';
${parts.imports}

${REPLACE}
export default ${parts.door}({
  id: '${id}',
  title: '${parts.title}',
  severity: 'LOW',
  basis: 'why it must hold',
  reference: '${parts.reference}',
  remediation: '${parts.remediation}',
  needs: [${parts.needs}],
${parts.evaluate}
});
`,
    example: `${parts.exampleImports}
/** Evidence on which ${id} fails. */
export default {
  kind: '${kind}',
  name: 'what ${id} finds',
  evidence: ${parts.failing},
} as const;
`,
    test: `import { describe, expect, test } from 'vitest';
${testImports(parts, file)}
describe('${id}', () => {
  test.each([
    ['passes', ${parts.passing}, 'PASS holds'],
    ['fails', example.evidence, 'FAIL ${parts.failReason}'],
    ['is UNKNOWN where it is not known', ${parts.unread}, 'UNKNOWN ${parts.unknownReason}'],
  ] as const)('%s', (_case, evidence, expected) => {
    expect(outcomeOf('${id}', '${kind}', evidence)).toBe(expected);
  });
});
`,
  });
}

/** In the order that the linter wants, whatever the control is called. */
function testImports({ testImports: own, domain, setup = '' }: Parts, file: string): string {
  const lines = Object.entries({ ...own, [`${file}.example.ts`]: 'example' })
    .sort(([a], [b]) => compareNames(a, b))
    .map(([from, what]) => `import ${what} from './${from}';`);
  const first = domain === undefined ? [] : [`import { ${domain} } from '#domain/collected.ts';`];
  return [...first, "import { outcomeOf } from '../verdicts-of.ts';", ...lines, setup].join('\n');
}

const eks = textsOf('eks', {
  verdicts: 'fail, pass',
  imports: `import { defineEksControl } from './shared/define-eks-control.ts';
import { withField } from './shared/field.ts';
import { cloudFormation } from './shared/fix.ts';`,
  door: 'defineEksControl',
  title: 'The cluster runs a version 1.x',
  reference: 'EKS API reference, Cluster.version',
  remediation: 'Move to a cluster of a version 1.x.',
  needs: `'eks:DescribeCluster'`,
  evaluate: `  evaluate(subject) {
    // UNKNOWN where the field was not sent, or not as documented.
    return withField(subject, 'version', subject.cluster.version, (version, proof) =>
      version.startsWith('1.')
        ? pass(\`the version is \${version}\`, proof)
        : fail('other-version', \`the version is \${version}\`, proof, { fix: cloudFormation(['aws eks list-clusters']) }),
    );
  },`,
  exampleImports: `import { given } from '#domain/collected.ts';
import { withCluster } from './builders.ts';
`,
  failing: `withCluster({ version: given('0.9') })`,
  domain: 'ABSENT',
  testImports: { 'builders.ts': '{ evidence as closed, withCluster }' },
  passing: 'closed()',
  unread: 'withCluster({ version: ABSENT })',
  failReason: 'other-version',
  unknownReason: 'absent-field',
});

const aks = textsOf('aks', {
  verdicts: 'fail, pass',
  imports: `import { CLUSTER_READ, clusterArguments, fact, required } from './shared/cluster.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { repairs } from './shared/fix.ts';`,
  door: 'defineAksControl',
  title: 'The cluster has a node pool',
  reference: 'ARM managedClusters, agentPoolProfiles',
  remediation: 'Add a node pool.',
  needs: 'CLUSTER_READ',
  evaluate: `  evaluate({ cluster, evidence, source }) {
    // Leaves with UNKNOWN where the field was not sent, or not as documented.
    const names = required(cluster.pools, 'agentPoolProfiles').map(({ name }) => name);
    const line = \`the cluster has \${names.length} node pools\`;
    const proof = [fact(line, 'properties.agentPoolProfiles', names, source)];
    if (names.length > 0) return pass(line, proof);
    const command = \`az aks nodepool list \${clusterArguments(evidence.id, '--cluster-name')}\`;
    return fail('no-pool', line, proof, repairs([command]));
  },`,
  exampleImports: `import { given } from '#domain/collected.ts';
import { withCluster } from './samples.ts';
`,
  failing: `withCluster({ pools: given([]) })`,
  domain: 'ABSENT',
  testImports: { 'samples.ts': '{ withCluster }' },
  passing: 'withCluster({})',
  unread: 'withCluster({ pools: ABSENT })',
  failReason: 'no-pool',
  unknownReason: 'absent-field',
});

const iks = textsOf('iks', {
  verdicts: 'fail, pass, unknownBecause',
  imports: `import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith, refreshMaster } from './shared/fix.ts';`,
  door: 'defineIksControl',
  title: 'The cluster has a worker',
  reference: 'IBM Cloud Kubernetes Service, getWorkers',
  remediation: 'Add a worker.',
  needs: `'iam:token', 'containers:getClusters', 'containers:getCluster', 'containers:getWorkers'`,
  evaluate: `  evaluate({ evidence }) {
    const { workers } = evidence;
    if (workers.state === 'unavailable') return unknownBecause(workers);
    const line = \`the cluster has \${workers.value.length} workers\`;
    const proof = [{ kind: 'fact' as const, line, value: workers.value.length, source: workers.source }];
    if (workers.value.length > 0) return pass(line, proof);
    return fail('no-worker', line, proof, fixWith(refreshMaster(evidence)));
  },`,
  exampleImports: `import { collected } from '#domain/collected.ts';
import { evidence } from './builders.ts';

const source = { api: 'containers:getWorkers', at: '2026-11-01T00:00:00.000Z' };
`,
  failing: `evidence({ workers: collected([], source) })`,
  testImports: { 'builders.ts': '{ evidence as closed, denied }' },
  passing: 'closed()',
  unread: `closed({ workers: denied('containers:getWorkers') })`,
  failReason: 'no-worker',
  unknownReason: 'denied',
});

const ibmAccount = textsOf('ibm-account', {
  verdicts: 'fail, pass, unknownBecause',
  imports: `import { defineIbmAccountControl } from './shared/define-ibm-account-control.ts';`,
  door: 'defineIbmAccountControl',
  title: 'The account has a cluster',
  reference: 'IBM Cloud Kubernetes Service, getClusters',
  remediation: 'Name the account that has the clusters.',
  needs: `'iam:token', 'containers:getClusters'`,
  evaluate: `  evaluate({ evidence: { clusterProviders: clusters } }) {
    if (clusters.state === 'unavailable') return unknownBecause(clusters);
    const line = \`the account has \${clusters.value.length} clusters\`;
    const proof = [{ kind: 'fact' as const, line, value: clusters.value.length, source: clusters.source }];
    return clusters.value.length > 0 ? pass(line, proof) : fail('no-cluster', line, proof);
  },`,
  exampleImports: `import { collected } from '#domain/collected.ts';
import { account } from './builders.ts';

const source = { api: 'containers:getClusters', at: '2026-11-01T00:00:00.000Z' };
`,
  failing: `account({ clusterProviders: collected([], source) })`,
  testImports: { 'builders.ts': '{ account, denied }' },
  passing: 'account()',
  unread: `account({ clusterProviders: denied('iam:token') })`,
  failReason: 'no-cluster',
  unknownReason: 'denied',
});

const kubernetes = textsOf('kubernetes', {
  verdicts: 'fail, pass, unknownBecause',
  imports: `import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix } from './shared/fix.ts';`,
  door: 'defineKubernetesControl',
  title: 'The cluster has a namespace',
  reference: 'Kubernetes API, namespaces',
  remediation: 'Create a namespace.',
  needs: `'list namespaces'`,
  evaluate: `  evaluate({ evidence: { namespaces } }) {
    if (namespaces.state === 'unavailable') return unknownBecause(namespaces);
    const line = \`the cluster has \${namespaces.value.length} namespaces\`;
    const proof = [{ kind: 'fact' as const, line, value: namespaces.value.length, source: namespaces.source }];
    if (namespaces.value.length > 0) return pass(line, proof);
    return fail('no-namespace', line, proof, { fix: commandsFix(['kubectl get namespaces']) });
  },`,
  exampleImports: `import { kubernetesEvidence, read } from './evidence.ts';
`,
  failing: `kubernetesEvidence({ namespaces: read([]) })`,
  testImports: { 'evidence.ts': '{ denied, kubernetesEvidence }' },
  passing: 'kubernetesEvidence()',
  unread: 'kubernetesEvidence({ namespaces: denied })',
  failReason: 'no-namespace',
  unknownReason: 'denied',
});

const kubespray = textsOf('kubespray', {
  verdicts: 'fail, pass',
  imports: `import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { variableFix } from './shared/fix.ts';`,
  door: 'defineKubesprayControl',
  title: 'The inventory has a host',
  reference: 'Kubespray, inventory',
  remediation: 'Name a host in the inventory.',
  needs: `'inventory:read'`,
  evaluate: `  evaluate({ hosts, evidence }) {
    // The door says UNKNOWN where the hosts were not read; \`byVariable\` is for controls over one variable.
    const line = \`the inventory has \${hosts.length} hosts\`;
    const proof = [{ kind: 'fact' as const, line, value: hosts.length }];
    return hosts.length > 0 ? pass(line, proof) : fail('no-host', line, proof, { fix: variableFix('', [], evidence) });
  },`,
  exampleImports: `import { collected } from '#domain/collected.ts';
import { inventoryEvidence, SOURCE } from './inventories.ts';
`,
  failing: `await inventoryEvidence({ hosts: collected([], SOURCE) })`,
  domain: 'unavailable',
  testImports: { 'inventories.ts': '{ inventoryEvidence }' },
  setup: `
const closed = await inventoryEvidence({});
const unread = { ...closed, hosts: unavailable('malformed-answer', 'the inventory is not YAML', 'inventory:read') };
`,
  passing: 'closed',
  unread: 'unread',
  failReason: 'no-host',
  unknownReason: 'malformed-answer',
});

export const TEMPLATES = { eks, aks, iks, 'ibm-account': ibmAccount, kubernetes, kubespray } as const;
