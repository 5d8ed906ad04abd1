import { lineOfKey } from '#config/lines.ts';
import { ConfigError, parseConfig } from '#config/load.ts';
import { type Config, SECRET_KEYS } from '#config/schema.ts';
import { EXTERNAL_ID } from './deployment-facts.ts';

/** Keys that name a file, where they hold no PEM text. */
const FILE_KEYS = ['inventory', 'vars', 'file', 'result', 'ca', 'clientCertificate'];

interface Entry {
  /** As in error messages: `ibm.accounts[0].apiKey`. */
  readonly path: string;
  /** The last name of the path. */
  readonly key: string;
  readonly text: string;
}

/** Reads what is to be deployed. Throws `ConfigError` with every problem, that of the file or that of its deployment. */
export function deployableConfig(text: string, file: string): Config {
  const config = parseConfig(text, file);
  const problems = undeployable(config).map((problem) => {
    const [key = ''] = problem.split(':', 1);
    return `${file}:${lineOfKey(text, key)}: ${problem}`;
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Why this configuration cannot be deployed, where it only works on a laptop or would lay a secret open. Never tells a value that may be secret. */
export function undeployable(config: Config): readonly string[] {
  return [
    ...entriesOf(config).flatMap(({ path, key, text }) => {
      const problem = problemOf(path, key, text);
      return problem === undefined ? [] : [`${path}: ${problem}`];
    }),
    ...(config.azure?.tenants ?? []).flatMap(({ credential }, index) =>
      credential.type === 'access-token'
        ? [`azure.tenants[${index}].credential: a deployed hub has no access-token in its environment; use federated`]
        : [],
    ),
    ...(config.kubernetes?.clusters ?? []).flatMap((cluster, index) =>
      'context' in cluster
        ? [`kubernetes.clusters[${index}]: a deployed hub has no kubeconfig; write server, ca and token`]
        : [],
    ),
  ];
}

function problemOf(path: string, key: string, text: string): string | undefined {
  if (text.startsWith('${secret:'))
    return text.startsWith('${secret:arn:') ? undefined : `${text}: IAM needs the whole ARN, \${secret:arn:...}`;
  if (text.startsWith('${env:')) {
    return path === 'aws.externalId' && text === EXTERNAL_ID
      ? undefined
      : `${text}: a deployed hub has no such environment, use \${secret:arn}`;
  }
  // The configuration lies beside every function's bundle.
  if (SECRET_KEYS.includes(key) && !text.startsWith('http://'))
    return 'it would lie in the clear beside every function; keep it in Secrets Manager and write ${secret:arn}';
  if (FILE_KEYS.includes(key) && !text.startsWith('s3://') && !text.includes('-----BEGIN'))
    return `${text}: a deployed hub reads s3://bucket/key only`;
  return undefined;
}

function entriesOf(value: unknown, path = '', key = ''): readonly Entry[] {
  if (typeof value === 'string') return [{ path, key, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => entriesOf(item, `${path}[${index}]`, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => entriesOf(item, path === '' ? name : `${path}.${name}`, name));
}
