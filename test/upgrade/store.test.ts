import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answerQuery } from '#app/answer-query.ts';
import { catalogue } from '#app/catalogue.ts';
import { cursorSeal } from '#app/cursor.ts';
import { RULES_VERSION } from '#domain/rules.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { keys } from '#storage/keys.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { EXCEPTION, RELEASES, restoreStore, storedItems, worldOf } from '#test/fixtures/released-store.ts';
import { createLocalRuntime, type RunResult } from '../../bin/local/runtime.ts';

test('the store of the first release is kept', () => {
  expect(RELEASES).toContain('0.1.0');
});

describe.each(RELEASES)('the store that version %s wrote', (release) => {
  const { findings, runs, deliveries } = storedItems(release);
  const present = findings.filter(({ goneAt }) => goneAt === undefined);
  const last = runs.at(-1);
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-released-'));
  let estate: Estate;
  let runtime: Awaited<ReturnType<typeof createLocalRuntime>>;

  beforeAll(async () => {
    // The day after it was written: later, DynamoDB would have forgotten what has an end.
    vi.setSystemTime(Date.parse(last?.endedAt ?? '') + 24 * 3_600_000);
    await restoreStore(release, directory);
    estate = await startEstate(worldOf(release));
    runtime = await createLocalRuntime({
      config: { ...estate.config, exceptions: [EXCEPTION] },
      providers: estate.providers,
      directory,
      sleep: async () => undefined,
    });
  });

  afterAll(async () => {
    await runtime.close();
    await estate.stop();
    rmSync(directory, { recursive: true });
    vi.useRealTimers();
  });

  /** The body of an answer, over the table as it stands. */
  async function ask(path: string, query: Readonly<Record<string, string>> = {}) {
    const { client, name } = runtime.table;
    const { status, body } = await answerQuery(
      { path, query: new URLSearchParams(query) },
      {
        store: { ...new QueryRepository(client, name), heartbeats: new RunRepository(client, name).heartbeats },
        controls: catalogue(),
        exceptions: async () => [EXCEPTION],
        ...cursorSeal('a test key'),
      },
    );
    expect(status, path).toBe(200);
    return body as Record<string, never>;
  }

  /** Every entry of a list, page by page. */
  async function list<T>(name: string, path = `/v1/${name}`, query: Readonly<Record<string, string>> = {}) {
    const entries: T[] = [];
    let cursor: string | undefined;
    do {
      const body = await ask(path, { limit: '100', ...query, ...(cursor === undefined ? {} : { cursor }) });
      entries.push(...(body[name] as unknown as T[]));
      cursor = body['nextCursor'];
    } while (cursor !== undefined);
    return entries;
  }

  function counted(statuses: readonly string[]) {
    const count = (status: string) => statuses.filter((each) => each === status).length;
    return {
      PASS: count('PASS'),
      FAIL: count('FAIL'),
      UNKNOWN: count('UNKNOWN'),
      NOT_APPLICABLE: count('NOT_APPLICABLE'),
    };
  }

  test('the message that waited is delivered at the start, and no other', () => {
    expect(deliveries.filter((item) => item['sentAt'] === undefined)).toHaveLength(1);
    expect(estate.slack.posts.splice(0)).toHaveLength(1);
  });

  test('the summary counts what was stored', async () => {
    const { findings: counts, clusters } = await ask('/v1/summary');
    expect(counts).toEqual(counted(present.map(({ finding }) => finding.status)));
    const composites = counted(
      present.filter(({ finding }) => finding.control === 'closed-network').map(({ finding }) => finding.status),
    );
    expect(clusters).toEqual({ closed: composites.PASS, open: composites.FAIL, unknown: composites.UNKNOWN });
  });

  test('every finding is answered as it was written, with its proof, fix and exception', async () => {
    const accounts = new Set(present.map(({ finding }) => finding.resource.account));
    const answered: { id: string }[] = [];
    for (const account of accounts) answered.push(...(await list<{ id: string }>('findings', undefined, { account })));
    const byId = new Map(answered.map((finding) => [finding.id, finding]));
    expect(byId.size).toBe(present.length);
    for (const { finding } of present) expect(byId.get(finding.id)).toMatchObject({ ...finding });
    expect(answered.filter((finding) => 'exception' in finding)).toHaveLength(1);
  });

  test('every cluster is listed and answered', async () => {
    const uids = new Set(
      present.filter(({ finding }) => finding.control === 'closed-network').map(({ finding }) => finding.resource.uid),
    );
    const clusters = await list<{ uid: string }>('clusters');
    expect(new Set(clusters.map(({ uid }) => uid))).toEqual(uids);
    for (const uid of uids) {
      const { findings: ofCluster } = await ask(`/v1/clusters/${uid}`);
      const expected = present.filter(({ finding }) => finding.resource.uid === uid).map(({ finding }) => finding.id);
      const ids = (ofCluster as unknown as { id: string }[]).map(({ id }) => id);
      expect(new Set(ids), uid).toEqual(new Set(expected));
    }
  });

  test('open failures, runs and exceptions are answered', async () => {
    const open = await list<{ id: string }>('findings', undefined, { status: 'FAIL' });
    const failed = present.filter(({ finding }) => finding.status === 'FAIL').map(({ finding }) => finding.id);
    expect(new Set(open.map(({ id }) => id))).toEqual(new Set(failed));
    expect(await list('runs')).toEqual(runs.toReversed());
    expect(await list('exceptions')).toEqual([EXCEPTION]);
  });

  test('the drift between the two runs is in the history of what it changed', async () => {
    const changed = findings.filter(({ change, runId }) => change !== undefined && runId === last?.id);
    expect(changed.length).toBeGreaterThan(5);
    for (const { finding, change } of changed) {
      const [newest] = await list<object>('history', `/v1/findings/${finding.id}/history`);
      expect(newest, finding.control).toMatchObject({ at: change?.at, from: change?.from, to: change?.to });
    }
  });

  describe('the next run over the same clouds', () => {
    let result: RunResult;
    /** Failures that the release might have judged otherwise: their facts stay as they were stored, the verdict is another one. */
    const otherwise = present.filter(
      ({ finding, lastDecided }) =>
        finding.status === 'FAIL' && lastDecided?.accepted === false && finding.control === 'eks-endpoint-public',
    );

    beforeAll(async () => {
      for (const { finding } of otherwise) await judgedOtherwise(finding);
      result = await runtime.scan();
    });

    async function judgedOtherwise({ target, id }: { readonly target: string; readonly id: string }) {
      const { client, name } = runtime.table;
      await client.send(
        new UpdateCommand({
          TableName: name,
          Key: keys.finding(target, id),
          UpdateExpression: 'SET finding.#status = :pass, lastDecided.#status = :pass',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':pass': 'PASS' },
        }),
      );
    }

    test('knows that it is not the first', () => {
      expect(result.first).toBe(false);
      expect(result.targets.map(({ target, status }) => [target.id, status])).toEqual(
        expect.arrayContaining([['aws:222233334444:ap-northeast-1', 'complete']]),
      );
    });

    test('marks every change as made by the rules, because the clouds are the same', () => {
      const byClusters = result.changes.filter(({ rules }) => rules === undefined);
      expect(
        byClusters.flatMap(({ resource, entries }) =>
          entries.map(({ control, kind, message }) => `${resource.name} ${control} ${kind}: ${message}`),
        ),
      ).toEqual([]);
      expect(result.changes.map(({ resource, rules }) => [resource.uid, rules])).toEqual(
        otherwise.map(({ finding }) => [finding.resource.uid, RULES_VERSION]).toSorted(),
      );
    });

    test('announces them as one digest, and nothing else', () => {
      expect(otherwise.length).toBeGreaterThan(0);
      expect(estate.slack.posts.map(({ text }) => text)).toEqual([
        expect.stringMatching(new RegExp(`resources? (is|are) judged differently since version ${RULES_VERSION}`)),
      ]);
    });

    test('keeps the identity of every finding of what it read', () => {
      const targets = new Set(result.targets.map(({ target }) => target.id));
      const ids = new Set(result.findings.map(({ id }) => id));
      const read = present.map(({ finding }) => finding).filter(({ target }) => targets.has(target));
      expect(read.length).toBeGreaterThan(300);
      expect(read.filter(({ id }) => !ids.has(id)).map(({ control }) => control)).toEqual([]);
    });
  });
});
