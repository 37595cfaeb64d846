import { expect, test, type Page } from '@playwright/test';
import { accessible, complaints, open, planTrip, ready, signIn, unexpected } from './support';

const visits = (page: Page) => page.locator('.plan button.v');
const panel = (page: Page) => page.locator('.visit-panel');
const total = async (page: Page, word: string) => Number(await page.locator('.tot li', { hasText: word }).locator('b').first().textContent());

test('a plan is taken in hand: moved, locked, taken out, put in, and everything can be taken back', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await signIn(page, 'chief-east');
  await planTrip(page, `手排 ${info.project.name}`);
  const count = await visits(page).count();
  expect(count).toBeGreaterThan(6);
  expect(await total(page, '企业')).toBe(count);
  await accessible(page, 'trip', info);

  // A lock: the visit says so, after a reload, too.
  const first = visits(page).nth(1);
  const name = ((await first.textContent()) ?? '').replace(/^\d\d:\d\d/, '').trim();
  await first.click();
  await expect(panel(page)).toContainText(name);
  await panel(page).getByRole('button', { name: '锁定', exact: true }).click();
  await expect(page.getByText(`已锁定 ${name}`)).toBeVisible();
  await page.reload();
  await ready(page);
  const locked = page.locator('.plan button.v.lk');
  await expect(locked).toHaveCount(1);
  await expect(locked).toContainText(name);
  await locked.click();
  await expect(panel(page).getByRole('button', { name: '移出方案' })).toHaveCount(0);
  await panel(page).getByRole('button', { name: '解除锁定' }).click();
  await expect(locked).toHaveCount(0);

  // Taken out: it is left out and could be put in where it was; by the keyboard it goes back.
  await panel(page).getByRole('button', { name: '移出方案' }).click();
  await expect(visits(page)).toHaveCount(count - 1);
  await expect(page.locator('.out')).toContainText(/放得下/);
  await expect(page.locator('.plan .c.ok').first()).toBeVisible();
  const here = panel(page).locator('.targets button').first();
  await here.focus();
  await page.keyboard.press('Enter');
  await expect(visits(page)).toHaveCount(count);
  await expect(page.locator('.plan button.v', { hasText: name }).getByText('手工安排')).toBeAttached();
  // The server has kept it, so the last word offered to be taken back is this one.
  await expect(panel(page).getByRole('button', { name: '移出方案' })).toBeEnabled();
  await page.getByRole('status').filter({ hasText: name }).last().getByRole('button', { name: '撤销' }).click();
  await expect(page.getByText('已恢复原方案')).toBeVisible();
  await expect(visits(page)).toHaveCount(count - 1);
  expect(unexpected(said)).toEqual([]);
});

test('a better plan is looked for, kept beside the old one, and compared', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await signIn(page, 'officer-east');
  await planTrip(page, `优化 ${info.project.name}`);
  await page.getByLabel('留存当前方案，名为').fill('方案甲');
  await page.getByRole('button', { name: '留存', exact: true }).click();
  const row = page.locator('.variants tbody tr', { hasText: '方案甲' });
  await expect(row).toBeVisible();
  await page.getByRole('button', { name: '重新优化' }).click();
  await expect(page.getByText('正在找更好的方案')).toBeVisible();
  await page.getByRole('button', { name: '停止并采用' }).click();
  await expect(page.getByText('优化结束')).toBeVisible({ timeout: 30_000 });

  // Somebody cancels: the gap is filled, and what has changed is said.
  await visits(page).nth(2).click();
  const gone = (await panel(page).getByRole('heading', { level: 2 }).textContent()) ?? '';
  await panel(page).getByRole('button', { name: '取消走访' }).click();
  await expect(page.locator('.changed')).toContainText(gone === '' ? '改动' : /改动 \d+ 处/);
  await expect(page.locator('.plan button.v', { hasText: gone })).toHaveCount(0);
  await row.getByRole('button', { name: '方案甲' }).click();
  await expect(page.locator('.variants .changes li').first()).toBeVisible();

  for (const [look, seen] of [['清单', '.itinerary.shown'], ['地图', '.routes-panel .route'], ['时间线', '.plan']] as const) {
    await page.getByRole('button', { name: look, exact: true }).click();
    await expect(page.locator(seen).first()).toBeVisible();
    await accessible(page, `trip-${look}`, info);
  }
  expect(unexpected(said)).toEqual([]);
});

test('teams get names, people and a night, and what cannot be is said at its field', async ({ page }, info) => {
  test.setTimeout(120_000);
  await signIn(page, 'officer-east');
  await planTrip(page, `队伍 ${info.project.name}`);
  await page.getByRole('button', { name: '队伍与天数' }).click();
  const dialog = page.getByRole('dialog');
  const second = dialog.getByRole('group', { name: /^2 队/ });
  await second.getByLabel('队名').fill('华东队');
  await second.getByLabel(/^人员/).fill('林演示、蒋示例');
  await second.getByLabel(/^指定住宿/).fill('1 不是城市');
  await accessible(page, 'trip-frame', info);
  await dialog.getByRole('button', { name: '排行程' }).click();
  await expect(second.locator('.error')).toBeVisible();
  await second.getByLabel(/^指定住宿/).fill('1 南京');
  await dialog.getByRole('button', { name: '排行程' }).click();
  await expect(dialog).toHaveCount(0, { timeout: 30_000 });
  const team = page.locator('.plan .tm').nth(1);
  await expect(team).toContainText('华东队');
  await expect(team).toContainText('林演示、蒋示例');
  await expect(page.locator('.plan .h', { hasText: '南京' }).first()).toBeVisible();
});

test('a trip is submitted, returned with a reason, and approved', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await signIn(page, 'officer-east');
  await planTrip(page, `审批 ${info.project.name}`);
  const address = new URL(page.url()).pathname;
  await page.getByRole('button', { name: '送领导审批' }).click();
  await expect(page.locator('.trip-state')).toContainText('待批准');
  await page.context().clearCookies();
  await signIn(page, 'leader', address);
  await page.getByRole('button', { name: '退回', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: '退回', exact: true }).click();
  await expect(page.getByRole('dialog').locator('.error').first()).toBeVisible();
  await page.getByLabel('退回的原因').fill('少去一个城市');
  await page.getByRole('dialog').getByRole('button', { name: '退回', exact: true }).click();
  await expect(page.locator('.trip-state')).toContainText('少去一个城市');
  await page.context().clearCookies();
  await signIn(page, 'officer-east', address);
  await page.getByRole('button', { name: '送领导审批' }).click();
  await expect(page.locator('.trip-state')).toContainText('待批准');
  await page.context().clearCookies();
  await signIn(page, 'leader', address);
  await page.getByRole('button', { name: '批准', exact: true }).click();
  await expect(page.locator('.trip-state')).toContainText('已批准');
  await accessible(page, 'trip-approved', info);
  expect(unexpected(said)).toEqual([]);
});

test('a team is held up: what it cannot keep changes, and the mistake is taken back', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await signIn(page, 'officer-east');
  await planTrip(page, `误点 ${info.project.name}`);
  const hold = async () => {
    const entry = page.getByRole('button', { name: '误点受阻' });
    if (!(await entry.isVisible())) await page.locator('summary', { hasText: '更多' }).click();
    await entry.click();
  };
  await hold();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('从', { exact: true }).fill('12:00');
  await dialog.getByLabel('到', { exact: true }).fill('11:00');
  await dialog.getByRole('button', { name: '按此重排' }).click();
  await expect(dialog.getByRole('alert')).toContainText('结束要晚于开始');
  await dialog.getByLabel('到', { exact: true }).fill('17:00');
  await accessible(page, 'trip-hold', info);
  await dialog.getByRole('button', { name: '按此重排' }).click();
  await expect(dialog).toHaveCount(0, { timeout: 30_000 });
  const held = page.locator('.plan .held');
  await expect(held).toHaveCount(1);
  // Nobody of the first team begins a visit in that time.
  const begins = await page.locator('.plan .c').first().locator('button.v span:first-child').allTextContents();
  for (const begin of begins) expect(begin < '12:00' || begin >= '17:00', begin).toBe(true);
  await accessible(page, 'trip-held', info);
  await hold();
  await dialog.getByRole('listitem').getByRole('button', { name: '移除' }).click();
  await expect(dialog).toHaveCount(0, { timeout: 30_000 });
  await expect(held).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});
