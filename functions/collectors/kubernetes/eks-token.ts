import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { dnsSuffixOf, partitionOfRegion } from '#domain/aws-partition.ts';
import { PROVIDER_FACTS } from '#domain/provider-facts.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface EksTokenRequest {
  readonly clusterName: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly now: Date;
}

/**
 * The bearer token of an EKS cluster: a presigned `sts:GetCallerIdentity` with the signed header `x-k8s-aws-id`, as base64url behind
 * `k8s-aws-v1.`. Nothing is sent, so a function inside a VPC needs no STS endpoint. Reference: eksctl pkg/eks/auth/generator.go.
 */
export async function eksToken({ clusterName, region, credentials, now }: EksTokenRequest): Promise<string> {
  const hostname = `sts.${region}.${dnsSuffixOf(partitionOfRegion(region))}`;
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    },
    sha256: Hash.bind(null, 'sha256'),
  });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, [CLUSTER_HEADER]: clusterName },
    },
    { expiresIn: 60, signingDate: now, unhoistableHeaders: new Set([CLUSTER_HEADER]) },
  );
  const parameters = Object.entries(query).map(([key, value]) => `${encode(key)}=${encode(String(value))}`);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${parameters.join('&')}`).toString('base64url')}`;
}

const CLUSTER_HEADER = 'x-k8s-aws-id';

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Region and name out of `arn:aws:eks:<region>:<account>:cluster/<name>`. */
export function eksClusterOf(arn: string): { readonly region: string; readonly clusterName: string } | undefined {
  const { region, name } = PROVIDER_FACTS.aws.clusterOf(arn) ?? {};
  return region === undefined || name === undefined ? undefined : { region, clusterName: name };
}
