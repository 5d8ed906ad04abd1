import { describe, expect, test } from 'vitest';
import { type Call, json, refusal } from '#estate/aws/wire.ts';
import { evidenceOf, play } from './harness.ts';
import { world } from './world.ts';

/** What the list named and the description did not find: left out, and neither a gap nor an unread part. */

interface Kind {
  readonly title: string;
  readonly list: string;
  readonly member: string;
  readonly description: string;
  readonly part: 'nodeGroups' | 'fargateProfiles';
}

const KINDS: readonly Kind[] = [
  {
    title: 'a node group',
    list: 'eks:ListNodegroups',
    member: 'nodegroups',
    description: 'eks:DescribeNodegroup',
    part: 'nodeGroups',
  },
  {
    title: 'a Fargate profile',
    list: 'eks:ListFargateProfiles',
    member: 'fargateProfileNames',
    description: 'eks:DescribeFargateProfile',
    part: 'fargateProfiles',
  },
];

async function listed(
  { list, member, description, part }: Kind,
  names: readonly string[],
  absent: (call: Call) => ReturnType<typeof refusal> | undefined,
) {
  const { collect } = await play(
    world({ answers: { [list]: () => json({ [member]: names }), [description]: absent } }),
  );
  const collection = await collect();
  return { collection, part: evidenceOf(collection, 'alpha')[part] };
}

describe.each(KINDS)('$title', (kind) => {
  const refusing = (name: string, code: string, status: number) => (call: Call) =>
    call.params['item'] === name ? refusal('eks', code, status) : undefined;

  test('that vanished between list and description is left out, and its neighbours stay', async () => {
    const vanished = refusing('second', 'ResourceNotFoundException', 404);
    const { part, collection } = await listed(kind, ['first', 'second', 'third'], vanished);
    expect(part).toMatchObject({
      state: 'collected',
      value: [
        { state: 'collected', value: { name: 'first' } },
        { state: 'collected', value: { name: 'third' } },
      ],
    });
    expect(collection).toMatchObject({ gaps: [], inventoryComplete: true });
  });

  test('that was the only one leaves a list that was read and is empty', async () => {
    const { part } = await listed(kind, ['only'], refusing('only', 'ResourceNotFoundException', 404));
    expect(part).toMatchObject({ state: 'collected', value: [] });
  });

  test('that may not be described stays, unread, with a gap', async () => {
    const { part, collection } = await listed(
      kind,
      ['first', 'second'],
      refusing('second', 'AccessDeniedException', 403),
    );
    expect(part).toMatchObject({
      state: 'collected',
      value: [{ state: 'collected' }, { state: 'unavailable', reason: 'denied' }],
    });
    expect(collection.gaps).toMatchObject([{ reason: 'denied', api: kind.description }]);
  });

  test('whose name is "gone" is read like any other', async () => {
    const { part } = await listed(kind, ['gone'], () => undefined);
    expect(part).toMatchObject({ state: 'collected', value: [{ state: 'collected', value: { name: 'gone' } }] });
  });
});
