import { createHash, createHmac } from 'node:crypto';
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
 * `k8s-aws-v1.`. Pure arithmetic: nothing is sent, so a function inside a VPC needs no STS endpoint.
 * Reference: eksctl pkg/eks/auth/generator.go; AWS Signature Version 4, query parameters.
 */
export function eksToken({ clusterName, region, credentials, now }: EksTokenRequest): string {
  const host = `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/sts/aws4_request`;
  const parameters: Readonly<Record<string, string>> = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': '60',
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  };
  const query = Object.entries(parameters)
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    'GET',
    '/',
    query,
    `host:${host}\nx-k8s-aws-id:${clusterName}\n`,
    'host;x-k8s-aws-id',
    sha256(''),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [day, region, 'sts', 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = hmac(key, toSign).toString('hex');
  const url = `https://${host}/?${query}&X-Amz-Signature=${signature}`;
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Region and name out of `arn:aws:eks:<region>:<account>:cluster/<name>`. */
export function eksClusterOf(arn: string): { readonly region: string; readonly clusterName: string } | undefined {
  const { region, name } = PROVIDER_FACTS.aws.clusterOf(arn) ?? {};
  return region === undefined || name === undefined ? undefined : { region, clusterName: name };
}
