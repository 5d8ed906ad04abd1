import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { handleStored, type StoredItem, type StreamPorts } from '#app/handle-stream.ts';
import { once } from '#app/once.ts';
import { environment } from '#config/environment.ts';
import type { Run } from '#domain/run.ts';
import { publishAlert, publishDelivery } from '#notifiers/sns.ts';
import { AlertRepository } from '#storage/alert-repository.ts';
import { documentClient } from '#storage/client.ts';
import { findingOf, heartbeatOf } from '#storage/codec.ts';
import { configFor, handlerOf, logger } from './runtime.ts';

const config = configFor([], { alerts: true });

const ports = once(async (): Promise<StreamPorts> => {
  const alerts = new AlertRepository(documentClient(), environment('RINGFENCE_TABLE'));
  const sns = new SNSClient({ maxAttempts: 6 });
  const settings = (await config()).alerts;
  const topic = settings.sns?.topicArn ?? environment('RINGFENCE_ALERT_TOPIC_ARN');
  const deliveries = environment('RINGFENCE_DELIVERY_TOPIC_ARN');
  return {
    store: alerts,
    settings,
    keepHistory: alerts.keepHistory,
    publish: (message) => publishAlert(sns, topic, message),
    enqueue: (delivery) => publishDelivery(sns, deliveries, delivery),
  };
});

/** Records in their order; at the first that fails the batch ends there and comes again from it. */
export const handler = handlerOf(async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const wired = await ports();
  for (const { eventName, dynamodb } of event.Records) {
    const image = dynamodb?.NewImage;
    if (eventName === 'REMOVE' || image === undefined) continue;
    try {
      const item = toStored(unmarshall(image as Record<string, AttributeValue>));
      if (item !== undefined) await handleStored(item, wired);
    } catch (error) {
      logger.error('a record was not handled', {
        sequenceNumber: dynamodb?.SequenceNumber,
        error: error instanceof Error ? error : String(error),
      });
      return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
});

function toStored(item: Record<string, unknown>): StoredItem | undefined {
  if (item['kind'] === 'finding') return { kind: 'finding', finding: findingOf(item) };
  if (item['kind'] === 'heartbeat') return { kind: 'heartbeat', heartbeat: heartbeatOf(item) };
  return item['kind'] === 'run' ? { kind: 'run', run: item['run'] as Run } : undefined;
}
