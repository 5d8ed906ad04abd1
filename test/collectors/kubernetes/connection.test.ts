import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type ConnectionDeps, connectionOf } from '#collectors/kubernetes/connection.ts';
import { eksToken } from '#collectors/kubernetes/eks-token.ts';

const now = new Date('2026-11-24T01:02:03Z');
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
let directory = '';
const deps = (): ConnectionDeps => ({
  awsCredentials: async () => credentials,
  entraToken: async () => 'entra',
  kubeconfig: join(directory, 'config'),
});

const user = (name: string, entry: unknown) => ({ name, user: entry });
const context = (name: string, cluster = 'plain') => ({ name, context: { cluster, user: name } });
const aws = (args: string[]) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'aws', args },
});

const kubelogin = (server: string) => ({
  exec: { command: 'kubelogin', args: ['get-token', '--login', 'azurecli', '--server-id', server] },
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  await writeFile(join(directory, 'ca.pem'), 'PEM');
  await writeFile(join(directory, 'token'), 'from-file\n');
  await writeFile(
    join(directory, 'config'),
    stringify({
      contexts: [
        context('token'),
        context('file'),
        context('cert'),
        context('eks'),
        context('gke'),
        context('aks'),
        context('foreign-aks'),
        context('basic'),
        context('lax', 'lax'),
      ],
      clusters: [
        { name: 'plain', cluster: { server: 'https://k.example:6443', 'certificate-authority': 'ca.pem' } },
        { name: 'lax', cluster: { server: 'https://k.example', 'insecure-skip-tls-verify': true } },
      ],
      users: [
        user('token', { token: 't0' }),
        user('file', { tokenFile: 'token' }),
        user('cert', { 'client-certificate-data': btoa('CERT'), 'client-key-data': btoa('KEY') }),
        user('eks', aws(['--region', 'eu-west-1', 'eks', 'get-token', '--cluster-name', 'prod'])),
        user('aks', kubelogin('6dae42f8-4368-4678-94ff-3960e28e3630')),
        user('foreign-aks', kubelogin('00000000-0000-0000-0000-000000000000')),
        user('gke', { exec: { command: 'gke-gcloud-auth-plugin' } }),
        user('basic', { username: 'admin' }),
        user('lax', { token: 't' }),
      ],
    }),
  );
  await writeFile(join(directory, 'broken'), 'contexts: 7');
});
afterAll(() => rm(directory, { recursive: true }));

const of = (name: string) => connectionOf({ name: 'k', context: name }, deps(), now);

describe('a kubeconfig context', () => {
  test('with a token', async () => {
    expect(await of('token')).toEqual({ server: new URL('https://k.example:6443'), ca: 'PEM', token: 't0' });
  });
  test('with a token in a file beside it', async () => {
    expect(await of('file')).toMatchObject({ token: 'from-file' });
  });
  test('with a client certificate', async () => {
    expect(await of('cert')).toMatchObject({ clientCertificate: 'CERT', clientKey: 'KEY' });
  });
  test('of the AWS CLI gets its token computed, not run', async () => {
    expect((await of('eks')).token).toMatch(/^k8s-aws-v1\./);
  });
  test.each([
    ['foreign-aks', 'credentials', /kubelogin.*never run/],
    ['gke', 'credentials', /gke-gcloud-auth-plugin.*never run/],
    ['basic', 'credentials', /no token and no certificate/],
    ['lax', 'tls', /skips TLS/],
    ['other', 'not-found', /no context "other"/],
  ])('"%s" is refused: %s', async (name, reason, message) => {
    await expect(of(name)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  });
  test('of a file that is none is malformed', async () => {
    const broken = connectionOf({ name: 'k', context: 'x', kubeconfig: join(directory, 'broken') }, deps(), now);
    await expect(broken).rejects.toMatchObject({ reason: 'malformed-answer' });
  });
});

describe('an EKS cluster without a token of its own', () => {
  const cluster = 'arn:aws:eks:eu-west-1:111111111111:cluster/prod';
  const urlOf = (token: string | undefined) =>
    new URL(Buffer.from((token ?? '').replace('k8s-aws-v1.', ''), 'base64url').toString('utf8'));

  test('gets a presigned GetCallerIdentity of its region', async () => {
    const { token } = await connectionOf({ name: 'k', server: 'https://k.example', cluster }, deps(), now);
    expect(token).not.toContain('=');
    const url = urlOf(token);
    expect(url.host).toBe('sts.eu-west-1.amazonaws.com');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'GetCallerIdentity',
      'X-Amz-Expires': '60',
      'X-Amz-Date': '20261124T010203Z',
      'X-Amz-Credential': 'AKIDEXAMPLE/20261124/eu-west-1/sts/aws4_request',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    });
  });

  test.each([
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
  ])('of %s asks %s', async (region, host) => {
    expect(urlOf(await eksToken({ clusterName: 'prod', region, credentials, now })).host).toBe(host);
  });

  test('signs as the AWS SDK signs', async () => {
    // Made once with SignatureV4.presign of @smithy/signature-v4, x-k8s-aws-id unhoistable, for the same input.
    const expected = 'cff1637cb2b186aedeb87db20a56cb06eeed97872016cc1663f44ef34f351e9c';
    const withSession = { ...credentials, sessionToken: 'session/+=' };
    const token = await eksToken({ clusterName: 'prod', region: 'eu-west-1', credentials: withSession, now });
    expect(urlOf(token).searchParams.get('X-Amz-Signature')).toBe(expected);
  });

  test('is refused where there are no AWS credentials', async () => {
    const none = { ...deps(), awsCredentials: () => Promise.reject(new Error('none')) };
    await expect(connectionOf({ name: 'k', server: 'https://k.example', cluster }, none, now)).rejects.toMatchObject({
      reason: 'credentials',
    });
  });
});

describe('an AKS cluster without a token of its own', () => {
  const cluster = '/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/prod';
  const connect = (more: Partial<ConnectionDeps> = {}, token?: string) =>
    connectionOf(
      { name: 'k', server: 'https://k.example', cluster, ...(token === undefined ? {} : { token }) },
      { ...deps(), ...more },
      now,
    );

  test('gets a token of the Entra application of AKS', async () => {
    expect((await connect()).token).toBe('entra');
  });

  test('keeps its own where it has one', async () => {
    expect((await connect({ entraToken: () => Promise.reject(new Error('asked')) }, 'own')).token).toBe('own');
  });

  test('is refused where there is no Entra identity', async () => {
    await expect(connect({ entraToken: () => Promise.reject(new Error('none')) })).rejects.toMatchObject({
      reason: 'credentials',
      message: 'no Entra identity to get a token for AKS with',
    });
  });

  test('of a kubeconfig that asks kubelogin for it gets it too', async () => {
    expect((await of('aks')).token).toBe('entra');
  });
});
