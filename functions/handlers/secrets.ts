import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { once } from '#app/once.ts';

const client = once(() => new SecretsManagerClient({ maxAttempts: 5 }));

/** Reads `${secret:arn}` as text. */
export async function readSecret(arn: string): Promise<string> {
  const { SecretString } = await client().send(new GetSecretValueCommand({ SecretId: arn }), {
    abortSignal: AbortSignal.timeout(15_000),
  });
  if (SecretString === undefined) throw new Error(`the secret ${arn} holds no text`);
  return SecretString;
}
