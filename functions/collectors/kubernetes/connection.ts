import { homedir } from 'node:os';
import { join } from 'node:path';
import { Refusal, refusalIn } from '../transport/refusal.ts';
import { type AwsCredentials, eksClusterOf, eksToken } from './eks-token.ts';
import { defaultEntraToken, isAks } from './entra-token.ts';
import { type KubeconfigAccess, readKubeconfig } from './kubeconfig.ts';
import type { KubernetesClusterOptions } from './options.ts';

/** How one cluster is called. */
export interface Connection {
  readonly server: URL;
  readonly token?: string;
  readonly ca?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

export interface ConnectionDeps {
  /** Credentials for EKS tokens. */
  readonly awsCredentials: () => Promise<AwsCredentials>;
  /** An Entra token for AKS clusters. */
  readonly entraToken: () => Promise<string>;
  readonly kubeconfig: string;
}

export const defaultConnectionDeps: ConnectionDeps = {
  async awsCredentials() {
    // Loaded on demand: only EKS clusters without a token of their own need it.
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    return fromNodeProviderChain()();
  },
  entraToken: defaultEntraToken,
  kubeconfig: process.env['KUBECONFIG']?.split(':')[0] ?? join(homedir(), '.kube', 'config'),
};

/** Makes a connection of a cluster's options. Throws a Refusal where they lead nowhere. */
export async function connectionOf(
  options: KubernetesClusterOptions,
  deps: ConnectionDeps,
  now: Date,
): Promise<Connection> {
  const access: KubeconfigAccess =
    'context' in options ? await readKubeconfig(options.kubeconfig ?? deps.kubeconfig, options.context) : options;
  const server = serverOf(access.server);
  const hasOwn = access.token !== undefined || access.clientCertificate !== undefined;
  const token = hasOwn ? access.token : await platformToken(access, options.cluster ?? '', deps, now);
  return {
    server,
    ...(token === undefined ? {} : { token }),
    ...(access.ca === undefined ? {} : { ca: access.ca }),
    ...(access.clientCertificate === undefined ? {} : { clientCertificate: access.clientCertificate }),
    ...(access.clientKey === undefined ? {} : { clientKey: access.clientKey }),
  };
}

/** The token that the cluster's cloud gives to the identity at hand; undefined where the cluster is of none. */
async function platformToken(
  access: KubeconfigAccess,
  uid: string,
  deps: ConnectionDeps,
  now: Date,
): Promise<string | undefined> {
  const eks = access.eks ?? eksClusterOf(uid);
  if (eks !== undefined) return eksToken({ ...eks, credentials: await credentials(deps), now });
  if (access.isAks !== true && !isAks(uid)) return undefined;
  try {
    return await deps.entraToken();
  } catch (error) {
    throw (
      refusalIn(error) ?? new Refusal('credentials', 'no Entra identity to get a token for AKS with', { cause: error })
    );
  }
}

async function credentials(deps: ConnectionDeps): Promise<AwsCredentials> {
  try {
    return await deps.awsCredentials();
  } catch (error) {
    throw new Refusal('credentials', 'no AWS credentials to make an EKS token with', { cause: error });
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function serverOf(text: string): URL {
  if (!URL.canParse(text)) throw new Refusal('malformed-answer', `server "${text}" is not a URL`);
  const url = new URL(text);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))) return url;
  throw new Refusal('tls', `${url.hostname}: https is required; http is accepted for loopback only`);
}
