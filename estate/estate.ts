import { createAwsProvider } from '#collectors/aws/index.ts';
import { createAzureProvider } from '#collectors/azure/index.ts';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { ProviderPort } from '#domain/collection.ts';
import { startAws } from './aws/cloud.ts';
import { startAzure } from './azure/cloud.ts';
import { Playground } from './faults.ts';
import { ibmEndpoints, startIbm } from './ibm/cloud.ts';
import type { Scenario } from './scenario.ts';
import { type SlackReceiver, startSlack } from './slack.ts';

export interface Estate {
  readonly scenario: Scenario;
  readonly playground: Playground;
  readonly slack: SlackReceiver;
  readonly config: ResolvedConfig;
  readonly awsEndpoint: string;
  /** The real collectors over the real SDKs, pointed at the loopback servers. */
  readonly providers: Readonly<Record<'aws' | 'azure' | 'ibm', ProviderPort>>;
  readonly stop: () => Promise<void>;
}

/** Waits between repeats are cut short: a simulated throttle needs no real patience. */
const SHORT_WAIT_MS = 5;

/** Starts the simulated clouds of a scenario and the Slack receiver, each on a loopback port of its own. */
export async function startEstate(scenario: Scenario): Promise<Estate> {
  const playground = new Playground();
  const [aws, azure, ibm, slack] = await Promise.all([
    startAws(scenario.aws, playground),
    startAzure(scenario.azure, playground),
    startIbm(scenario.ibm, playground),
    startSlack(),
  ]);
  const before = useAwsEndpoint(aws.endpoint);
  const config: ResolvedConfig = {
    profile: 'closed',
    controls: {},
    exceptions: [],
    readInside: [],
    alerts: { minimumSeverity: 'MEDIUM', firstScan: 'digest', slack: [{ name: 'platform', webhook: slack.url }] },
    aws: { organization: true, roleName: scenario.aws.roleName, externalId: scenario.aws.externalId, regions: 'all' },
    azure: {
      tenants: [
        { id: scenario.azure.tenant, subscriptions: 'all', credential: { type: 'access-token', token: 'simulated' } },
      ],
      endpoint: azure.url,
    },
    ibm: {
      accounts: scenario.ibm.accounts.map(({ id, apiKey }) => ({ id, apiKey })),
      endpoints: ibmEndpoints(ibm.url),
      attestations: [],
      probes: [],
    },
  };
  const { aws: awsOptions, azure: azureOptions, ibm: ibmOptions } = config;
  if (awsOptions === undefined || azureOptions === undefined || ibmOptions === undefined)
    throw new Error('the estate configures three clouds');
  return {
    scenario,
    playground,
    slack,
    config,
    awsEndpoint: aws.endpoint,
    providers: {
      aws: createAwsProvider(awsOptions, { homeRegion: 'us-east-1', backoff: () => SHORT_WAIT_MS }),
      azure: createAzureProvider(azureOptions),
      ibm: createIbmProvider(ibmOptions, {
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, SHORT_WAIT_MS))),
      }),
    },
    stop: async () => {
      restore(before);
      await Promise.all([aws.close(), azure.close(), ibm.close(), slack.close()]);
    },
  };
}

const AWS_VARIABLES = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
] as const;

/** The SDK reads its endpoint and keys from the environment; whatever stood there comes back when the estate stops. */
function useAwsEndpoint(endpoint: string): ReadonlyMap<string, string | undefined> {
  const before = new Map(AWS_VARIABLES.map((name) => [name, process.env[name]] as const));
  for (const name of AWS_VARIABLES) delete process.env[name];
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIASIMULATEDHUB0001';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'simulated';
  return before;
}

function restore(before: ReadonlyMap<string, string | undefined>): void {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
