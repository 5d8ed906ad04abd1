import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { AlertMessage, Delivery } from '#domain/alert.ts';

/** Publishes a message with the attributes that subscriptions filter on. */
export async function publishAlert(client: SNSClient, topicArn: string, message: AlertMessage): Promise<void> {
  const kinds = [...new Set(message.entries.map(({ kind }) => kind))];
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  await client.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: `Ringfence: ${message.severity} on ${message.resource.name}`
        .replaceAll(/[^\x20-\x7e]/g, '?')
        .slice(0, 100),
      Message: JSON.stringify(message),
      MessageAttributes: {
        provider: text(message.resource.provider),
        account: text(message.resource.account),
        severity: text(message.severity),
        resourceType: text(message.resource.type),
        // An empty attribute is refused by SNS; an account-wide resource has no region.
        ...(message.resource.region === '' ? {} : { region: text(message.resource.region) }),
        kinds: { DataType: 'String.Array', StringValue: JSON.stringify(kinds) },
        controls: {
          DataType: 'String.Array',
          StringValue: JSON.stringify(message.entries.map(({ control }) => control)),
        },
      },
    }),
  );
}

/** Hands a post to the internal topic before the Slack queue. */
export async function publishDelivery(client: SNSClient, topicArn: string, delivery: Delivery): Promise<void> {
  await client.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(delivery) }));
}
