import { EC2Client } from '@aws-sdk/client-ec2';
import { EKSClient } from '@aws-sdk/client-eks';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { Route53Client } from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { partitionOfArn, partitionOfRegion } from '#domain/aws-partition.ts';
import { LIMITS } from '../transport/body.ts';
import type { Patience } from '../transport/retry.ts';
import { BoundedHandler } from '../transport/smithy.ts';
import { classify } from './errors.ts';
import type { Pacer } from './pacing.ts';
import { sized } from './page-size.ts';
import { Retries } from './retries.ts';
import { type SendSigned, signedJson } from './signed.ts';

/** Keys of an assumed role. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface AwsDependencies {
  /** Milliseconds before the given repeat, counted from 1. Tests make it short. */
  readonly backoff?: (attempt: number) => number;
  /** Milliseconds after which one request is given up. */
  readonly requestTimeoutMs?: number;
  readonly maxAttempts?: number;
}

/** Hands out keys whenever a client needs them, renewed in good time; undefined: the caller's own. */
export type KeySource = (() => Promise<Keys>) | undefined;

const MAX_ATTEMPTS = 7;
/** A request that hangs is sent once more; seven times would eat the whole target's time. */
const ATTEMPTS_AFTER_TIMEOUT = 2;
const REQUEST_TIMEOUT_MS = 15_000;
/** Full jitter below a doubling limit of half a second up to twenty: EC2's default gives up on its own throttles after 0.2 s. */
const defaultBackoff = (attempt: number) => Math.random() * Math.min(20_000, 500 * 2 ** attempt);

/** Counts the requests of one reading, repeats included. */
export interface Counter {
  calls: number;
}

/** The bucket that EC2 requests wait for, and until when. */
export interface Pace {
  readonly pacer: Pacer;
  readonly signal: AbortSignal;
}

/** Clients of one account and region. They share credentials, a counter and the account's pace. */
export interface RegionClients {
  readonly eks: EKSClient;
  readonly ec2: EC2Client;
  /** Classic balancers; the others have an API of their own. */
  readonly elb: ElasticLoadBalancingClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly route53: Route53Client;
  /** For the JSON services of Route 53 that have no client here. */
  readonly signed: SendSigned;
  readonly destroy: () => void;
}

/** Makes clients: timeouts, bounded retries, counted requests. Endpoints are the SDK's own (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE>). */
export class AwsSession {
  readonly #dependencies: AwsDependencies;
  readonly homeRegion: string;

  constructor(homeRegion: string, dependencies: AwsDependencies) {
    this.homeRegion = homeRegion;
    this.#dependencies = dependencies;
  }

  region(region: string, keys: KeySource, counter: Counter, pace?: Pace): RegionClients {
    const configure = () => this.#configuration(region, keys);
    const eks = counted(new EKSClient(configure()), counter);
    const ec2 = counted(new EC2Client(configure()), counter, pace);
    const elb = counted(new ElasticLoadBalancingClient(configure()), counter);
    const elbv2 = counted(new ElasticLoadBalancingV2Client(configure()), counter);
    const iam = counted(new IAMClient(configure()), counter);
    const route53 = counted(new Route53Client(configure()), counter);
    return {
      eks,
      ec2,
      elb,
      elbv2,
      iam,
      route53,
      signed: signedJson(eks, region, counter, this.#patience(), this.#requestTimeoutMs),
      destroy: () => {
        for (const client of [eks, ec2, elb, elbv2, iam, route53]) client.destroy();
      },
    };
  }

  organizations(counter: Counter): OrganizationsClient {
    // Organizations has one endpoint per partition, which the SDK finds from any of its regions.
    return counted(new OrganizationsClient(this.#configuration(this.homeRegion, undefined)), counter);
  }

  /** Regional STS of the scanner's own region: its tokens are valid in opt-in regions, those of the global endpoint need not be. */
  async assumeRole(
    roleArn: string,
    externalId: string | undefined,
    counter: Counter,
    abortSignal: AbortSignal,
  ): Promise<Keys> {
    const sts = counted(new STSClient(this.#configuration(this.homeRegion, undefined)), counter);
    try {
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: 'ringfence-scan',
          // Role chaining: an hour is the most whatever is asked for.
          DurationSeconds: 3600,
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
        }),
        { abortSignal },
      );
      if (Credentials?.AccessKeyId === undefined || Credentials.SecretAccessKey === undefined) {
        throw new SyntaxError('AssumeRole answered without credentials');
      }
      return {
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretAccessKey,
        ...(Credentials.SessionToken === undefined ? {} : { sessionToken: Credentials.SessionToken }),
        ...(Credentials.Expiration === undefined ? {} : { expiration: Credentials.Expiration }),
      };
    } finally {
      sts.destroy();
    }
  }

  /** The caller's account and partition. */
  async whoAmI(
    counter: Counter,
    abortSignal: AbortSignal,
  ): Promise<{ readonly account: string; readonly partition: string }> {
    const sts = counted(new STSClient(this.#configuration(this.homeRegion, undefined)), counter);
    try {
      const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal });
      if (Account === undefined) throw new SyntaxError('GetCallerIdentity answered without an account');
      return { account: Account, partition: partitionOfArn(Arn) ?? partitionOfRegion(this.homeRegion) };
    } finally {
      sts.destroy();
    }
  }

  #patience(): Patience {
    const { backoff = defaultBackoff, maxAttempts = MAX_ATTEMPTS } = this.#dependencies;
    return { attempts: maxAttempts, attemptsAfterTimeout: ATTEMPTS_AFTER_TIMEOUT, backoff };
  }

  get #requestTimeoutMs(): number {
    return this.#dependencies.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  }

  #configuration(region: string, keys: KeySource) {
    return {
      region,
      retryStrategy: new Retries(this.#patience()),
      requestHandler: new BoundedHandler({ requestTimeout: this.#requestTimeoutMs }, LIMITS.answer),
      ...(keys === undefined ? {} : { credentials: keys }),
    };
  }
}

interface CountedClient {
  readonly middlewareStack: { add: (middleware: never, options: never) => void };
}

/** Sits behind the retries, so that every request on the wire counts, and waits for the pace before it. */
function counted<C extends CountedClient>(client: C, counter: Counter, pace?: Pace): C {
  const middleware = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
    await pace?.pacer.turn(pace.signal);
    pace?.signal.throwIfAborted();
    counter.calls += 1;
    try {
      const answer = await next(args);
      pace?.pacer.accepted();
      return answer;
    } catch (error) {
      if (classify(error, true).reason === 'throttled') pace?.pacer.throttled();
      throw error;
    }
  };
  const ask = (next: (args: { input: object }) => Promise<unknown>) => (args: { input: object }) =>
    next({ ...args, input: sized(args.input) });
  client.middlewareStack.add(
    ask as never,
    { step: 'initialize', name: 'ringfencePageSize', priority: 'high' } as never,
  );
  client.middlewareStack.add(
    middleware as never,
    { step: 'finalizeRequest', name: 'ringfenceCounter', priority: 'low' } as never,
  );
  return client;
}
