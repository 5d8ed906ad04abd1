import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type LoopbackRequest, type LoopbackServer, startJson } from '#estate/http.ts';
import { ibmEndpoints } from '#estate/ibm/cloud.ts';
import { ringfence } from '../bin/run-ringfence.ts';

/**
 * An IBM Cloud that knows the public formats and nothing of this project: IAM, accounts, enterprise, classic, containers. One account refuses its
 * key, and another one's token is good for 900 seconds, of which it has used all but a few requests when the scan begins.
 */

const LONG = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1';
const SHORT = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2';
const LOCKED = 'ccccccccccccccccccccccccccccccc3';
const CHILD = 'ddddddddddddddddddddddddddddddd4';
const KEYS: Readonly<Record<string, string>> = { 'key-long': LONG, 'key-short': SHORT, 'key-enterprise': LONG };
/** The short token's lifetime, in requests. */
const REQUESTS_LEFT = 6;

let server: LoopbackServer;
let url: string;
let directory: string;
const exchanges = new Map<string, number>();
let used = 0;

beforeAll(async () => {
  server = await startJson(async (request) => {
    const [status, body] = answer(request);
    return { status, body };
  });
  url = server.url;
  directory = await mkdtemp(join(tmpdir(), 'ringfence-ibm-'));
  const config = {
    ibm: {
      accounts: [
        { id: LONG, apiKey: 'key-long' },
        { id: SHORT, apiKey: 'key-short' },
        { id: LOCKED, apiKey: 'key-revoked' },
      ],
      enterprise: { id: 'ent', apiKey: 'key-enterprise' },
      endpoints: { ...ibmEndpoints(url), enterprise: `${url}/v1` },
    },
  };
  await writeFile(join(directory, 'ringfence.yaml'), stringify(config));
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

type Answer = readonly [status: number, body: unknown];

function answer({ url: { pathname, searchParams }, headers, body }: LoopbackRequest): Answer {
  if (pathname === '/identity/token') return token(new URLSearchParams(body));
  const [account, generation] = bearer(headers.authorization);
  if (account === SHORT) {
    used += 1;
    if (generation === '1' && used > REQUESTS_LEFT)
      return [401, { incidentID: 'i', code: 'A0003', description: 'The token has expired.' }];
  }
  return resource(pathname, searchParams, account);
}

function token(form: URLSearchParams): Answer {
  const account = KEYS[form.get('apikey') ?? ''];
  if (account === undefined)
    return [
      400,
      {
        errorCode: 'BXNIM0415E',
        errorMessage: 'Provided API key could not be found.',
        context: { requestId: 'r' },
      },
    ];
  const count = (exchanges.get(account) ?? 0) + 1;
  exchanges.set(account, count);
  const claims = Buffer.from(JSON.stringify({ account: { bss: account, ims: '1234567' }, generation: count }));
  const lifetime = account === SHORT ? 900 : 3600;
  return [
    200,
    {
      access_token: `eyJ.${claims.toString('base64url')}.sig`,
      refresh_token: 'not_supported',
      token_type: 'Bearer',
      expires_in: lifetime,
      expiration: Math.floor(Date.now() / 1000) + lifetime,
      scope: 'ibm openid',
    },
  ];
}

function bearer(authorization: string | undefined): readonly [account: string, generation: string] {
  const claims = JSON.parse(Buffer.from(authorization?.split('.')[1] ?? 'e30', 'base64url').toString()) as {
    account?: { bss?: string };
    generation?: number;
  };
  return [claims.account?.bss ?? '', String(claims.generation)];
}

const CLUSTERS: Readonly<
  Record<string, readonly { readonly id: string; readonly name: string; readonly open: boolean }[]>
> = {
  [LONG]: [{ id: 'l1', name: 'long-closed', open: false }],
  [SHORT]: [
    { id: 's1', name: 'short-closed', open: false },
    { id: 's2', name: 'short-open', open: true },
  ],
};

function resource(path: string, query: URLSearchParams, account: string): Answer {
  const mine = CLUSTERS[account] ?? [];
  const cluster = mine.find(({ id }) => id === query.get('cluster') || path.includes(`/${id}`));
  if (path === `/v4/accounts/${account}`)
    return [
      200,
      {
        id: account,
        name: account === LONG ? 'head office' : 'factory',
        owner: 'o',
        type: 'PAYG',
        status: 'active',
        linked_softlayer_account: '1234567',
        traits: { eu_supported: false, poc: false, hippa: false },
      },
    ];
  if (path === '/rest/v3.1/SoftLayer_Network/isConnectedToPrivateEndpointService.json') return [200, true];
  if (path === '/v1/accounts')
    return [
      200,
      {
        rows_count: 4,
        next_url: null,
        resources: [LONG, SHORT, LOCKED, CHILD].map((id) => ({ id, name: id, enterprise_id: 'ent', state: 'ACTIVE' })),
      },
    ];
  if (path === '/global/v2/classic/getClusters')
    return [
      200,
      mine.map(({ id, name }) => ({
        id,
        name,
        state: 'normal',
        region: 'eu-de',
        type: 'kubernetes',
        provider: 'classic',
      })),
    ];
  if (/^\/global\/v2\/(vpc|satellite)\/getClusters$/.test(path)) return [200, []];
  if (path === '/v1/rules') return [200, { count: 0, rules: [] }];
  if (cluster === undefined) return [404, { code: 'E0008', description: 'not found', type: 'Provisioning' }];
  if (path === '/global/v2/getCluster') return [200, detailOf(cluster)];
  if (path.endsWith('/workers'))
    return [200, [{ id: 'w1', privateIP: '10.0.0.4', privateVlan: '1', publicIP: '-', publicVlan: '-' }]];
  if (path.startsWith('/global/v1/alb/'))
    return [200, { id: cluster.id, alb: [{ albID: 'p', albType: 'private', enable: true }] }];
  if (path.endsWith('/auditwebhook')) return [200, { auditServer: 'https://audit.internal.example' }];
  return [404, { code: 'E0008', description: 'not found' }];
}

function detailOf({ id, name, open }: { readonly id: string; readonly name: string; readonly open: boolean }) {
  const privateUrl = 'https://c100.private.eu-de.containers.cloud.ibm.com:30000';
  const publicUrl = 'https://c100.eu-de.containers.cloud.ibm.com:30000';
  return {
    id,
    name,
    state: 'normal',
    region: 'eu-de',
    type: 'kubernetes',
    provider: 'classic',
    masterURL: open ? publicUrl : privateUrl,
    networkPlugin: 'Calico',
    lifecycle: { masterState: 'deployed' },
    serviceEndpoints: {
      privateServiceEndpointEnabled: true,
      privateServiceEndpointURL: privateUrl,
      publicServiceEndpointEnabled: open,
      publicServiceEndpointURL: open ? publicUrl : '',
    },
  };
}

interface Scan {
  readonly targets: readonly { id: string; status: string; reason?: string }[];
  readonly findings: readonly { control: string; status: string; reason: string; resource: { name: string } }[];
}

describe('three accounts: one unreadable, one whose token ends in mid-scan', () => {
  test('verdicts are right, coverage is right, and the exit code is 3', async () => {
    const { code, stdout, stderr } = await ringfence([
      ...['scan', '--config', join(directory, 'ringfence.yaml'), '--provider', 'ibm', '--format', 'json'],
    ]);
    const { targets, findings } = JSON.parse(stdout) as Scan;
    const verdict = (name: string, control: string) => {
      const found = findings.find((finding) => finding.resource.name === name && finding.control === control);
      return `${found?.status} ${found?.reason}`;
    };
    expect(targets.map(({ id, status, reason }) => `${id} ${status} ${reason ?? ''}`.trim())).toEqual([
      `ibm:${LONG} complete`,
      `ibm:${SHORT} complete`,
      `ibm:${LOCKED} failed credentials`,
      `ibm:${CHILD} failed not-scanned`,
    ]);
    expect(verdict('long-closed', 'iks-closed')).toBe('PASS holds');
    expect(verdict('short-closed', 'iks-closed')).toBe('PASS holds');
    expect(verdict('short-open', 'iks-public-endpoint')).toBe('FAIL public-on');
    expect(verdict('short-open', 'iks-closed')).toBe('FAIL not-closed');
    expect(verdict('factory', 'ibm-account-vrf')).toBe('PASS holds');
    expect(findings.filter(({ control, status }) => control === 'coverage' && status === 'FAIL')).toHaveLength(2);
    // Nobody is missing: the accounts that let nobody in say so for each of their controls.
    expect(verdict(LOCKED, 'ibm-account-vrf')).toBe('UNKNOWN credentials');
    expect(verdict(CHILD, 'ibm-account-service-endpoint')).toBe('UNKNOWN not-scanned');
    expect(new Set(findings.filter(({ reason }) => reason === 'credentials').map(({ control }) => control))).toEqual(
      new Set(['coverage', 'ibm-account-service-endpoint', 'ibm-account-vrf']),
    );
    expect([exchanges.get(SHORT), code]).toEqual([2, 3]);
    expect(stderr).toContain('2 of 4 targets were not read completely');
    expect(`${stdout}${stderr}`).not.toMatch(/key-(long|short|revoked|enterprise)|eyJ/);
  });
});
