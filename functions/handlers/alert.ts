import { setTimeout as sleep } from 'node:timers/promises';
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

/** Outlives the slowest publication, and ends well within the function's own time: a second handler waits for it. */
const PUBLICATION_LEASE_SECONDS = 30;

const config = configFor([], { alerts: true });

const ports = once(async (): Promise<StreamPorts> => {
  const alerts = new AlertRepository(documentClient(), environment('RINGFENCE_TABLE'), PUBLICATION_LEASE_SECONDS);
  const sns = new SNSClient({ maxAttempts: 6 });
  const settings = (await config()).alerts;
  const topic = settings.sns?.topicArn ?? environment('RINGFENCE_ALERT_TOPIC_ARN');
  const deliveries = environment('RINGFENCE_DELIVERY_TOPIC_ARN');
  return {
    store: alerts,
    settings,
    keepHistory: alerts.keepHistory,
    publish: (message) => publishAlert(sns, topic, message),
    sleep: (ms) => sleep(ms),
    enqueue: (delivery) => publishDelivery(sns, deliveries, delivery),
  };
});

/**
 * Records in their order. One that fails comes again, with all that follow; the records of its partition wait for it, because a target's changes are
 * told after they are stored, and the others go on, so that what cannot be handled holds up and buries no other target's alerts.
 */
export const handler = handlerOf(async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const wired = await ports();
  const waiting = new Set<string>();
  const failures: string[] = [];
  for (const { eventName, dynamodb } of event.Records) {
    const image = dynamodb?.NewImage;
    const partition = dynamodb?.Keys?.['pk']?.S ?? '';
    if (eventName === 'REMOVE' || image === undefined || waiting.has(partition)) continue;
    try {
      const item = toStored(unmarshall(image as Record<string, AttributeValue>));
      if (item !== undefined) await handleStored(item, wired);
    } catch (error) {
      logger.error('a record was not handled', {
        sequenceNumber: dynamodb?.SequenceNumber,
        partition,
        error: error instanceof Error ? error : String(error),
      });
      waiting.add(partition);
      failures.push(dynamodb?.SequenceNumber ?? '');
    }
  }
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
});

function toStored(item: Record<string, unknown>): StoredItem | undefined {
  if (item['kind'] === 'finding') return { kind: 'finding', finding: findingOf(item) };
  if (item['kind'] === 'heartbeat') return { kind: 'heartbeat', heartbeat: heartbeatOf(item) };
  return item['kind'] === 'run' ? { kind: 'run', run: item['run'] as Run } : undefined;
}
