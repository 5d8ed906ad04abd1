import type { AlertMessage } from '#domain/alert.ts';

/** Publishes to the organisation's own topic, where one is configured. */
export async function topicPublisher(
  topicArn: string | undefined,
): Promise<((message: AlertMessage) => Promise<void>) | undefined> {
  if (topicArn === undefined) return undefined;
  const { SNSClient } = await import('@aws-sdk/client-sns');
  const { publishAlert } = await import('#notifiers/sns.ts');
  const region = topicArn.split(':')[3];
  const client = new SNSClient({ maxAttempts: 6, ...(region === undefined ? {} : { region }) });
  return (message) => publishAlert(client, topicArn, message);
}
