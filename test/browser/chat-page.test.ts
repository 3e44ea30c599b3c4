import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { chromiumPath, openBrowser } from './open-browser.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');
const isReady = chromiumPath !== undefined && existsSync(program);
if (!isReady)
  process.stderr.write('The page is not tested in a browser: install Chromium (apt-get install chromium).\n');

let folder: string;
let server: ChildProcess;
let address: string;
let browser: Browser;

/** The built server with Herman, its sample loaded, on a free port. */
async function startServer(): Promise<string> {
  server = spawn(process.execPath, [program, 'serve'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let found = '';
  for await (const line of createInterface({ input: server.stdout ?? process.stdin })) {
    found = /ready at (http:\S+)/.exec(line)?.[1] ?? found;
    if (line.startsWith('sample:')) return found;
  }
  throw new Error('The server ended before it was ready.');
}

/** A page that fails the test on any console error, which a broken content security policy would be. */
async function openPage(errors: string[], viewport: { width: number; height: number }): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address);
  return page;
}

describe.skipIf(!isReady)('the chat page in Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wwhd-page-'));
    address = await startServer();
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
    server.kill('SIGTERM');
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  it('should answer a starter question and open the passage behind a citation', async () => {
    const errors: string[] = [];
    const page = await openPage(errors, { width: 1440, height: 900 });
    await page.getByRole('button', { name: 'How do I begin to meditate?' }).click();
    const source = page.getByRole('button', { name: /Building a Sitting Habit/ }).last();
    await source.click();
    await page.getByRole('link', { name: /Open PDF at page 1/ }).waitFor();
    const link = await page.getByRole('link', { name: /Open PDF at page 1/ }).getAttribute('href');
    const file = await page.request.get(new URL(link ?? '', address).href);
    expect(file.headers()['content-type']).toBe('application/pdf');
    expect(await page.locator('mark').first().textContent()).toMatch(/meditation habit/);
    expect(errors).toEqual([]);
  });

  it('should keep the conversation over a reload, on a phone', async () => {
    const errors: string[] = [];
    const page = await openPage(errors, { width: 390, height: 844 });
    const question = page.getByRole('textbox', { name: /Your question/ });
    await question.fill('How big should an emergency fund be?');
    await question.press('Enter');
    await page
      .getByText(/three to six months/)
      .first()
      .waitFor();
    await page.reload();
    await page
      .getByText(/three to six months/)
      .first()
      .waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(errors).toEqual([]);
  });

  it('should greet instead of refusing, and say so when the library holds nothing', async () => {
    const errors: string[] = [];
    const page = await openPage(errors, { width: 820, height: 1_180 });
    const question = page.getByRole('textbox', { name: /Your question/ });
    await question.fill('Hello Herman');
    await question.press('Enter');
    await page
      .getByText(/Hello, and welcome|Good to meet you/)
      .first()
      .waitFor();
    await question.fill('What is the capital of Mongolia?');
    await question.press('Enter');
    await page
      .getByText(/do not cover this|nothing solid on this/)
      .first()
      .waitFor();
    expect(errors).toEqual([]);
  });

  it('should keep a rating, write the answer again and ask a changed question in its place', async () => {
    const errors: string[] = [];
    const page = await openPage(errors, { width: 390, height: 844 });
    const question = page.getByRole('textbox', { name: /Your question/ });
    await question.fill('How big should an emergency fund be?');
    await question.press('Enter');
    await page.getByRole('button', { name: 'Not a good answer' }).click();
    const reason = page.getByRole('button', { name: 'Something is missing' });
    const kept = page.waitForResponse(
      (response) => response.request().postData()?.includes('reason') ?? false,
    );
    await reason.click();
    expect((await kept).request().postDataJSON()).toEqual({ rating: 'down', reason: 'incomplete' });
    expect((await kept).status()).toBe(200);
    expect(await reason.getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Answer again' }).click();
    // A new answer has no rating yet.
    await reason.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Change the question' }).click();
    const changed = page.getByRole('textbox', { name: 'Your changed question' });
    expect(await changed.evaluate((field) => field === document.activeElement)).toBe(true);
    await changed.fill('How do I begin to meditate?');
    await changed.press('Enter');
    await page.getByRole('heading', { name: /How do I begin to meditate\?/ }).waitFor();
    await page.getByRole('button', { name: 'Answer again' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: /How do I begin to meditate\?/ }).waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(errors).toEqual([]);
  });

  it('should open the links of mails, and say when one no longer works', async () => {
    const page = await openPage([], { width: 390, height: 844 });
    await page.goto(`${address}/app/reset#token=used-already`);
    await page.getByLabel('New password').fill('a quite new password');
    await page.getByRole('button', { name: 'Save the password' }).click();
    await page
      .getByRole('alert')
      .getByText(/used already/)
      .waitFor();
    await page.goto(`${address}/app/verify`);
    await page.getByText(/This link is incomplete/).waitFor();
  });
});
