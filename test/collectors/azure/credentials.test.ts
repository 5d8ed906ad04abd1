import { GetWebIdentityTokenCommand, type STSClient } from '@aws-sdk/client-sts';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
} from '@azure/identity';
import { describe, expect, test } from 'vitest';
import { credentialFor } from '#collectors/azure/credentials.ts';
import { armEndpoint } from '#collectors/azure/endpoint.ts';
import { awsAssertion } from '#collectors/azure/federation.ts';
import type { AzureCredentialOptions } from '#collectors/azure/options.ts';

const TENANT = '33333333-3333-3333-3333-333333333333';
const of = (credential: AzureCredentialOptions) =>
  credentialFor({ id: TENANT, subscriptions: 'all', credential }, 'https://login.microsoftonline.us');

describe('credentials', () => {
  test('each type makes its credential', () => {
    expect(of({ type: 'default' })).toBeInstanceOf(DefaultAzureCredential);
    expect(of({ type: 'federated', clientId: 'c' })).toBeInstanceOf(ClientAssertionCredential);
    expect(of({ type: 'secret', clientId: 'c', clientSecret: 's' })).toBeInstanceOf(ClientSecretCredential);
    expect(of({ type: 'certificate', clientId: 'c', certificate: '-----BEGIN CERTIFICATE-----' })).toBeInstanceOf(
      ClientCertificateCredential,
    );
  });

  test('a given token is sent as it is, an empty one is refused', async () => {
    expect((await of({ type: 'access-token', token: ' t \n' }).getToken('scope'))?.token).toBe('t');
    expect(() => of({ type: 'access-token', token: ' ' })).toThrow(/AZURE_ACCESS_TOKEN/);
  });

  test('federation asks AWS for a token of its own role, for this audience, and keeps nothing', async () => {
    const inputs: unknown[] = [];
    const client = {
      send: (command: unknown) => {
        if (command instanceof GetWebIdentityTokenCommand) inputs.push(command.input);
        return Promise.resolve({ WebIdentityToken: `token ${inputs.length}` });
      },
    } as unknown as STSClient;
    const assertion = awsAssertion('api://AzureADTokenExchange', () => client);
    expect([await assertion(), await assertion()]).toEqual(['token 1', 'token 2']);
    expect(inputs[0]).toEqual({
      Audience: ['api://AzureADTokenExchange'],
      SigningAlgorithm: 'RS256',
      DurationSeconds: 300,
    });
  });

  test('an answer of AWS without a token is an error', async () => {
    const client = { send: () => Promise.resolve({}) } as unknown as STSClient;
    await expect(awsAssertion('a', () => client)()).rejects.toThrow(/without a token/);
  });
});

test.each([
  ['https://management.azure.com', 'https://management.azure.com/.default'],
  ['https://management.chinacloudapi.cn/', 'https://management.chinacloudapi.cn/.default'],
  ['https://management.usgovcloudapi.net', 'https://management.usgovcloudapi.net/.default'],
  ['http://127.0.0.1:8080', 'https://management.azure.com/.default'],
  ['http://[::1]:8080', 'https://management.azure.com/.default'],
])('%s opens with the scope %s', (endpoint, scope) => {
  expect(armEndpoint(endpoint).scope).toBe(scope);
});
