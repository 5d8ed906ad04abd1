import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { AlertMessage, Delivery } from '#domain/alert.ts';

/** Publishes a message with the attributes that subscriptions filter on. */
export async function publishAlert(client: SNSClient, topicArn: string, message: AlertMessage): Promise<void> {
  await client.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: `Ringfence: ${message.severity} on ${message.resource.name}`
        .replaceAll(/[^\x20-\x7e]/g, '?')
        .slice(0, 100),
      Message: JSON.stringify(message),
      MessageAttributes: {
        ...attribute('provider', message.resource.provider),
        ...attribute('account', message.resource.account),
        ...attribute('severity', message.severity),
        ...attribute('resourceType', message.resource.type),
        ...attribute('region', message.resource.region),
        ...attribute('cause', message.rules === undefined ? '' : 'rules-changed'),
        kinds: list(message.entries.map(({ kind }) => kind)),
        controls: list(message.entries.map(({ control }) => control)),
      },
    }),
  );
}

/** Hands a post to the internal topic before the Slack queue. */
export async function publishDelivery(client: SNSClient, topicArn: string, delivery: Delivery): Promise<void> {
  await client.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(delivery) }));
}

/** SNS refuses an empty attribute, and the message with it; an account-wide resource has no region. */
function attribute(name: string, value: string) {
  return value === '' ? {} : { [name]: { DataType: 'String', StringValue: value } };
}

function list(values: readonly string[]) {
  return { DataType: 'String.Array', StringValue: JSON.stringify([...new Set(values)]) };
}
