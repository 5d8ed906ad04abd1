import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { once } from '#app/once.ts';

const client = once(() => new S3Client({ maxAttempts: 5 }));

export async function readObject(bucket: string, key: string): Promise<string> {
  const { Body } = await client().send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
    abortSignal: AbortSignal.timeout(30_000),
  });
  if (Body === undefined) throw new Error(`s3://${bucket}/${key} came without a body`);
  return Body.transformToString('utf8');
}
