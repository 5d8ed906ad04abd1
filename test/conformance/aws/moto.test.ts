import { CreateAccountCommand, CreateOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAwsProvider } from '#collectors/aws/index.ts';
import { CONTROLS } from '#controls/index.ts';
import { judge } from '#controls/judge.ts';
import type { Collection } from '#domain/collection.ts';
import { buildCluster, type Place } from './estate.ts';
import { KINDS, type Kind } from './kinds.ts';
import { type Moto, motoMissing, startMoto } from './moto.ts';

const MANAGEMENT = '123456789012';
const REGIONS = ['eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2'];
const missing = motoMissing();
if (missing !== undefined) process.stderr.write(`skipped: EKS on moto (${missing})\n`);

describe.skipIf(missing !== undefined)('an organisation of three accounts and four regions on moto', () => {
  let moto: Moto;
  const built: { readonly uid: string; readonly kind: Kind }[] = [];
  const collections: Collection[] = [];
  let planned: readonly string[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    process.env['AWS_ENDPOINT_URL'] = moto.endpoint;
    process.env['AWS_ACCESS_KEY_ID'] = 'testing';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
    const accounts = [MANAGEMENT, ...(await createAccounts())];
    const names = Object.keys(KINDS) as Kind[];
    const places = accounts.flatMap((account) => REGIONS.map((region) => ({ account, region })));
    for (const [index, { account, region }] of places.entries()) {
      const place: Place = { account, region, credentials: await credentialsFor(account) };
      for (let turn = 0; turn < 4; turn += 1) {
        const kind = names[(index * 4 + turn) % names.length] as Kind;
        const name = `${kind}-${turn}`;
        await buildCluster(kind, name, place);
        built.push({ uid: `arn:aws:eks:${region}:${account}:cluster/${name}`, kind });
      }
    }
    const provider = createAwsProvider(
      {
        organization: true,
        roleName: 'RingfenceScanner',
        externalId: 'conformance',
        regions: REGIONS,
        rateFraction: 1,
      },
      { homeRegion: 'us-east-1', backoff: () => 1 },
    );
    const context = { signal: AbortSignal.timeout(240_000), now: () => new Date() };
    const plan = await provider.plan(context);
    planned = plan.targets.filter(({ failure }) => failure === undefined).map(({ target }) => target.id);
    for (const { target } of plan.targets) collections.push(await provider.collect(target, context));
  });

  afterAll(() => {
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
    moto.stop();
  });

  test('every account and region is planned, and every cluster is found', () => {
    expect(planned).toHaveLength(12);
    expect(collections.flatMap(({ subjects }) => subjects.map(({ resource }) => resource.uid)).sort()).toEqual(
      built.map(({ uid }) => uid).sort(),
    );
    expect(built.length).toBeGreaterThanOrEqual(40);
    expect(new Set(built.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
  });

  test('what the emulator does not know costs coverage and nothing else', () => {
    const gaps = new Set(
      collections.flatMap((collection) => collection.gaps.map(({ reason, api }) => `${reason} ${api}`)),
    );
    expect(gaps).toEqual(
      new Set([
        'malformed-answer eks:ListAccessEntries',
        'malformed-answer eks:ListAddons',
        'malformed-answer eks:ListPodIdentityAssociations',
      ]),
    );
    expect(collections.every(({ inventoryComplete }) => inventoryComplete)).toBe(true);
  });

  test('each cluster gets the verdicts that its kind calls for', () => {
    const kindOf = new Map(built.map(({ uid, kind }) => [uid, kind]));
    const said: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const subject of collections.flatMap(({ subjects }) => subjects)) {
      const kind = kindOf.get(subject.resource.uid);
      if (kind === undefined) throw new Error(`${subject.resource.uid} was not built`);
      const ids = Object.keys(KINDS[kind].expected);
      const verdicts = judge(subject, CONTROLS, { profile: 'closed', controls: {} });
      said[subject.resource.uid] = Object.fromEntries(
        verdicts
          .filter(({ control }) => ids.includes(control.id))
          .map(({ control, verdict }) => [control.id, verdict.status]),
      );
      expected[subject.resource.uid] = KINDS[kind].expected;
    }
    expect(said).toEqual(expected);
  });
});

async function createAccounts(): Promise<readonly string[]> {
  const organizations = new OrganizationsClient({ region: 'us-east-1' });
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const ids: string[] = [];
  for (const name of ['payments', 'platform']) {
    const { CreateAccountStatus } = await organizations.send(
      new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }),
    );
    ids.push(CreateAccountStatus?.AccountId ?? '');
  }
  organizations.destroy();
  return ids;
}

async function credentialsFor(account: string): Promise<Place['credentials']> {
  const sts = new STSClient({ region: 'us-east-1' });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/Builder`, RoleSessionName: 'conformance' }),
  );
  sts.destroy();
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
