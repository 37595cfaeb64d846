import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, type TestInfo } from '@playwright/test';

export const PASSWORD = 'wutong-demo-2026';

/** Signs in as a demo account and waits until the page answers. */
export async function signIn(page: Page, login: string, next = '/') {
  await page.goto(`/login?next=${encodeURIComponent(next)}`);
  await page.getByLabel('账号').fill(login);
  await page.getByLabel('口令').fill(PASSWORD);
  await page.getByRole('button', { name: '登录' }).click();
  await ready(page);
}

/** The browser's half has taken over. */
export async function ready(page: Page) {
  await expect(page.locator('html')).toHaveAttribute('data-ready', 'true', { timeout: 30_000 });
}

/** Opens an address and waits for the browser's half. */
export async function open(page: Page, address: string) {
  const answer = await page.goto(address);
  expect(answer?.status(), address).toBe(200);
  await ready(page);
}

/** Everything that the browser complains of, to be empty at the end. */
export function complaints(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') said.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return said;
}

/** The same without the refusals that the test provokes: the browser notes each as a resource that failed. */
export function unexpected(said: string[]): string[] {
  return said.filter((line) => !/status of (409|422)/.test(line));
}

/** No serious violation of WCAG, and nothing that scrolls the page sideways. */
export async function accessible(page: Page, name: string, info: TestInfo) {
  await page.screenshot({ path: `results/screens/${info.project.name}-${name}.png`, fullPage: false });
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
  const serious = found.violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 5).join(' | ')}`);
  expect(serious, name).toEqual([]);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** Plans a trip of two teams and three days for everybody who can be chosen, and gives its id. */
export async function planTrip(page: Page, name: string) {
  await open(page, '/trips/new');
  const all = page.getByRole('checkbox', { name: '全选' });
  for (let at = 0; at < (await all.count()); at += 1) await all.nth(at).check();
  await page.getByLabel('名称').fill(name);
  await page.getByLabel(/^天数/).fill('3');
  await page.getByLabel(/^队数/).fill('2');
  await page.getByRole('button', { name: '排行程' }).click();
  await expect(page).toHaveURL(/\/trips\/\d+$/, { timeout: 30_000 });
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  return Number(page.url().split('/').pop());
}
