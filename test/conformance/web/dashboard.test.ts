import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The dashboard in a real browser, as `npm start` shows it. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
if (CHROMIUM === undefined) console.log('skipped: the dashboard in a browser, because no Chromium is installed');

describe.skipIf(CHROMIUM === undefined)('the dashboard', () => {
  let browser: Browser;
  let page: Page;
  let started: ChildProcess;
  let url: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    started = spawn(process.execPath, ['bin/ringfence.ts', 'start', '--port', '0'], {
      cwd: new URL('../../..', import.meta.url),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(started.stdout ?? started, 'data');
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? '';
    // Root may not use the browser's own sandbox.
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  });

  afterAll(async () => {
    await browser?.close();
    started.kill('SIGINT');
    const [code] = await once(started, 'exit');
    expect(code).toBe(0);
  });

  test('lists the clusters, open ones first, and filters them', async () => {
    await page.goto(`${url}/`);
    const rows = page.locator('section[aria-label="Clusters"] tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(16);
    expect(await rows.first().textContent()).toMatch(/^open/);
    await page.getByLabel('State').selectOption('unknown');
    expect(await rows.count()).toBe(1);
    await page.getByLabel('State').selectOption('all');
    await page.getByLabel('Search').fill('retail-prod');
    expect(await rows.count()).toBe(1);
  });

  test('shows every failure by what it is about', async () => {
    await page.goto(`${url}/`);
    await page.getByRole('link', { name: 'failures of everything' }).click();
    await page.getByRole('heading', { name: 'Failures' }).waitFor();
    const shown = page.getByRole('region', { name: 'payments-halves' });
    await shown.locator('summary').first().click();
    await shown.locator('.proof').waitFor();
    expect(await shown.locator('.proof').textContent()).toContain('endpointPublicAccess');
    await page.goto(`${url}/`);
  });

  test('shows a cluster with proof hop by hop, and its history', async () => {
    await page.getByRole('link', { name: 'retail-prod' }).click();
    const finding = page.locator('details.finding', { hasText: 'aks-egress-route' });
    await finding.waitFor();
    expect(await finding.locator('.path').first().textContent()).toContain('rt-retail-prod');
    await finding.getByRole('button', { name: 'History' }).click();
    await finding.locator('.history li').first().waitFor();
    expect(await finding.locator('.history').textContent()).toContain('→ FAIL');
  });

  test('shows what was not read', async () => {
    await page.getByRole('link', { name: 'Coverage' }).click();
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
    expect(await page.locator('tr', { hasText: '555566667777' }).textContent()).toContain('SUSPENDED');
  });

  test('an address of no cluster says so', async () => {
    await page.goto(`${url}/#/clusters/nowhere`);
    expect(await page.getByRole('alert').textContent()).toContain('there is no cluster nowhere');
  });

  test('nothing scrolls sideways on a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    for (const at of ['', 'coverage']) {
      await page.goto(`${url}/#/${at}`);
      await page.locator('tbody tr').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });

  test('nothing was refused by the content security policy, and nothing failed but the unknown cluster', () => {
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });
});
