import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type Delivered, deliverSlack, LEASE_SECONDS } from '#app/deliver-slack.ts';
import { once } from '#app/once.ts';
import { environment, optionalEnvironment } from '#config/environment.ts';
import type { Delivery } from '#domain/alert.ts';
import type { SlackChannel } from '#domain/alerting.ts';
import { postToSlack } from '#notifiers/slack.ts';
import { toSlack } from '#notifiers/slack-blocks.ts';
import { documentClient } from '#storage/client.ts';
import { DeliveryRepository } from '#storage/delivery-repository.ts';
import { configFor, handlerOf, logger } from './runtime.ts';

const config = configFor([], { alerts: true });
const store = once(() => new DeliveryRepository(documentClient(), environment('RINGFENCE_TABLE'), LEASE_SECONDS));
const queue = once(() => new SQSClient({ maxAttempts: 6 }));

/** What one post takes at most; with less than this left, the next message is handed back instead of begun. */
const TIME_FOR_ONE_MS = 20_000;
/** Where something of our own failed: the table, a message that cannot be read. */
const RETRY_SECONDS = 60;

/** Posts each message; one that was put off comes back when the receiver asked for it, and none is acknowledged before its `ok`. */
export const handler = handlerOf(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const { alerts } = await config();
  const failures: string[] = [];
  for (const record of event.Records) {
    const delivered =
      context.getRemainingTimeInMillis() < TIME_FOR_ONE_MS
        ? { state: 'again' as const, detail: 'no time left in this invocation', afterSeconds: 0 }
        : await deliver(record, alerts.slack);
    if (delivered.state === 'done') continue;
    logger.warn('not delivered yet', {
      messageId: record.messageId,
      detail: delivered.detail,
      afterSeconds: delivered.afterSeconds,
    });
    await hide(record, delivered.afterSeconds);
    failures.push(record.messageId);
  }
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
});

/** One message that cannot be delivered must not send back those beside it. */
async function deliver({ body, attributes }: SQSRecord, channels: readonly SlackChannel[]): Promise<Delivered> {
  try {
    return await deliverSlack(
      JSON.parse(body) as Delivery,
      {
        store: store(),
        channels,
        post: ({ webhook }, delivery) =>
          postToSlack(webhook, toSlack(delivery, optionalEnvironment('RINGFENCE_LINK_BASE'))),
        now: () => new Date(),
      },
      Number(attributes.ApproximateReceiveCount),
    );
  } catch (error) {
    return {
      state: 'again',
      detail: error instanceof Error ? error.message : String(error),
      afterSeconds: RETRY_SECONDS,
    };
  }
}

async function hide({ receiptHandle, messageId }: SQSRecord, VisibilityTimeout: number): Promise<void> {
  const QueueUrl = optionalEnvironment('RINGFENCE_SLACK_QUEUE_URL');
  if (QueueUrl === undefined) return;
  try {
    await queue().send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
    );
  } catch (error) {
    // The message comes back after the queue's own time instead.
    logger.warn('the message could not be hidden', {
      messageId,
      error: error instanceof Error ? error : String(error),
    });
  }
}
