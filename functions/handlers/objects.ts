import { LIMITS } from '#collectors/transport/body.ts';

/** Reads an object of S3. The client is loaded here and not before: most functions never need it, and take the Lambda runtime's own. */
export async function readObject(bucket: string, key: string): Promise<string> {
  const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { BoundedHandler } = await import('#collectors/transport/smithy.ts');
  const client = new S3Client({
    maxAttempts: 5,
    requestHandler: new BoundedHandler({ requestTimeout: 30_000 }, LIMITS.file),
  });
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: AbortSignal.timeout(30_000),
    });
    if (Body === undefined) throw new Error(`s3://${bucket}/${key} came without a body`);
    return await Body.transformToString('utf8');
  } finally {
    client.destroy();
  }
}
