import { expect, test, type Page } from '@playwright/test';
import { accessible, complaints, open, planTrip, ready, signIn, unexpected } from './support';

const stops = (page: Page) => page.locator('.vs > li:not(.tr)');
const sheet = (page: Page) => page.getByRole('dialog', { name: '走访记录' });

/** Opens the phone's page on a day that has visits. */
async function onTheRoad(page: Page, trip: number) {
  await open(page, `/road/${trip}`);
  await dayWithVisits(page);
}

async function dayWithVisits(page: Page) {
  const days = page.locator('.days button');
  for (let day = 0; day < (await days.count()); day += 1) {
    await days.nth(day).click();
    await expect(days.nth(day)).toHaveAttribute('aria-current', 'date');
    if ((await stops(page).count()) > 1) return;
  }
  throw new Error('no day has two visits');
}

/** The browser has kept the page and what it needs. */
async function kept(page: Page, trip: number) {
  await expect(page.getByText('可离线')).toBeVisible({ timeout: 30_000 });
  await expect
    .poll(
      () =>
        page.evaluate(async (path) => {
          const pages = await caches.open('road-pages');
          const files = await caches.open('road-files');
          return (await pages.match(location.origin + path)) !== undefined && (await files.keys()).length > 3;
        }, `/road/${trip}`),
      { timeout: 30_000 },
    )
    .toBe(true);
}

test('a visit is written down in a minute and becomes timeline, promise, task and evidence', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await signIn(page, 'chief-east');
  const trip = await planTrip(page, `在路上 ${info.project.name}`);
  await onTheRoad(page, trip);
  await accessible(page, 'road', info);
  const row = stops(page).first();
  const name = await row.locator('h2').evaluate((heading) => heading.firstChild?.textContent ?? '');
  expect(name).not.toBe('');
  await row.getByRole('button', { name: '记这次走访' }).click();
  await expect(sheet(page)).toContainText(name);

  // What is missing is said where it is missing.
  await sheet(page).getByRole('button', { name: '保存' }).click();
  await expect(sheet(page).getByRole('alert').first()).toBeVisible();
  await sheet(page).getByText('有意向', { exact: true }).click();
  await sheet(page).getByRole('button', { name: '加人' }).click();
  await sheet(page).getByLabel('职务').fill('副总');
  await sheet(page).getByLabel('电话').fill('不是号码');
  await sheet(page).getByRole('button', { name: '加一条' }).click();
  await sheet(page).getByText('我方', { exact: true }).click();
  await sheet(page).getByLabel('承诺内容').fill('送样检测出报告');
  await sheet(page).getByText(/待公平竞争审查/).click();
  await sheet(page).getByText('4', { exact: true }).click();
  await sheet(page).getByLabel('一句话').fill('三地里我们排第一，差在蒸汽价。');
  await sheet(page).getByLabel(/^如：/).fill('请进来看厂房');
  await accessible(page, 'road-record', info);
  await sheet(page).getByRole('button', { name: '保存' }).click();
  await expect(sheet(page).locator('.error')).toHaveCount(3);
  await sheet(page).getByLabel('姓名').fill('何样例');
  await sheet(page).getByLabel('电话').fill('029-8888 1234');
  await sheet(page).locator('#visit-next-on').fill('2026-12-31');
  await sheet(page).locator('input[type=file]').setInputFiles({
    name: '厂门.png',
    mimeType: 'image/png',
    buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  });
  await expect(sheet(page).locator('.thumbs img')).toHaveCount(1);

  // The phone rings and the page is gone: what was typed is still there.
  await page.reload();
  await ready(page);
  await dayWithVisits(page);
  await stops(page).first().getByRole('button', { name: '记这次走访' }).click();
  await expect(sheet(page).getByLabel('一句话')).toHaveValue('三地里我们排第一，差在蒸汽价。');
  await expect(sheet(page).getByLabel('姓名')).toHaveValue('何样例');
  await expect(sheet(page).getByRole('radio', { name: '有意向' })).toBeChecked();
  await expect(sheet(page).locator('.thumbs img')).toHaveCount(1);
  await sheet(page).getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('记录已送达')).toBeVisible();
  await expect(stops(page).first()).toContainText('有意向');
  await expect(page.getByRole('button', { name: '待发 0' })).toBeVisible();

  // On the lead's page: the line with people and interest, the promise under review, the task, the photo.
  await stops(page).first().getByRole('button', { name: '简报' }).click();
  await open(page, `/trips/${trip}/report`);
  await accessible(page, 'trip-report', info);
  await expect(page.locator('tbody tr', { hasText: '三地里我们排第一' })).toContainText('有意向');
  await page.locator('tbody tr', { hasText: '三地里我们排第一' }).getByRole('link').first().click();
  await expect(page).toHaveURL(/\/leads\/\d+$/);
  await ready(page);
  const timelineOf = new URL(page.url()).pathname;
  const timeline = page.locator('.timeline');
  await expect(timeline).toContainText('兴趣 4/5');
  await expect(timeline).toContainText('见 何样例');
  await expect(page.locator('main')).toContainText('送样检测出报告');
  await expect(page.locator('main')).toContainText('请进来看厂房');
  await expect(page.locator('main')).toContainText('厂门.jpg');
  await open(page, '/trips/year');
  await accessible(page, 'trip-year', info);
  await expect(page.locator('tbody tr', { hasText: `在路上 ${info.project.name}` })).toBeVisible();

  // It was a mistake after all: asked once more, then it counts nowhere and the timeline says so.
  await onTheRoad(page, trip);
  await stops(page).first().getByRole('button', { name: '撤回', exact: true }).click();
  await accessible(page, 'road-withdraw', info);
  await stops(page).first().getByRole('button', { name: /^确认撤回/ }).click();
  await expect(page.getByText('记录已撤回')).toBeVisible();
  await expect(stops(page).first().getByRole('button', { name: '记这次走访' })).toBeVisible();
  await open(page, timelineOf);
  await expect(page.locator('.timeline')).toContainText('已撤回');
  await open(page, `/trips/${trip}/report`);
  await expect(page.locator('tbody tr', { hasText: '三地里我们排第一' })).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});

test('without a network visits are kept, sent later in order and once each, and a conflict is shown', async ({ page, context, browser }, info) => {
  test.setTimeout(180_000);
  await signIn(page, 'officer-east');
  const trip = await planTrip(page, `离线 ${info.project.name}`);
  await onTheRoad(page, trip);
  await kept(page, trip);
  const record = async (at: number, remark: string) => {
    await stops(page).nth(at).getByRole('button', { name: '记这次走访' }).click();
    await sheet(page).getByText('再谈', { exact: true }).click();
    await sheet(page).getByLabel('一句话').fill(remark);
    await sheet(page).getByRole('button', { name: '保存' }).click();
    await expect(sheet(page)).toHaveCount(0);
  };
  await context.setOffline(true);
  await expect(page.getByText('离线', { exact: true })).toBeVisible();
  await record(0, '离线第一条');
  await record(1, '离线第二条');
  await expect(page.getByText('离线，2 条待发')).toBeVisible();
  // One that waits is mended; the page goes while it is, and nothing is lost.
  const mend = async () => {
    await page.getByRole('button', { name: '待发 2' }).click();
    await page.getByRole('dialog', { name: '待发记录' }).locator('li').nth(1).getByRole('button', { name: '打开修改' }).click();
  };
  await mend();
  await expect(sheet(page).getByLabel('一句话')).toHaveValue('离线第二条');
  await sheet(page).getByLabel('一句话').fill('离线第二条，改过');
  await page.reload();
  await ready(page);
  await page.getByRole('button', { name: '待发 2' }).click();
  await expect(page.getByRole('dialog', { name: '待发记录' }).locator('li').nth(1)).toContainText('有未保存的修改');
  await page.getByRole('button', { name: '返回' }).click();
  await mend();
  await expect(sheet(page).getByLabel('一句话')).toHaveValue('离线第二条，改过');
  await sheet(page).getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('离线，2 条待发')).toBeVisible();

  // Meanwhile a colleague writes the first one down.
  const other = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' });
  const colleague = await other.newPage();
  await signIn(colleague, 'chief-east');
  await onTheRoad(colleague, trip);
  await stops(colleague).first().getByRole('button', { name: '记这次走访' }).click();
  await sheet(colleague).getByText('暂不', { exact: true }).click();
  await sheet(colleague).getByLabel('一句话').fill('同事先记的');
  await sheet(colleague).getByRole('button', { name: '保存' }).click();
  await expect(colleague.getByText('记录已送达')).toBeVisible();
  await other.close();

  // The page opens without a network, and what waits is still there.
  await page.reload();
  await ready(page);
  await dayWithVisits(page);
  await expect(page.getByText('离线，2 条待发')).toBeVisible();
  await expect(stops(page).first()).toContainText('1 条待发');
  await page.getByRole('button', { name: '待发 2' }).click();
  await expect(page.getByRole('dialog', { name: '待发记录' }).locator('li')).toHaveText([/离线第一条/, /离线第二条，改过/]);
  await accessible(page, 'road-outbox', info);
  await page.getByRole('button', { name: '返回' }).click();

  await context.setOffline(false);
  await expect(page.getByRole('button', { name: '待发 1' })).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: '待发 1' }).click();
  const waiting = page.getByRole('dialog', { name: '待发记录' }).locator('li');
  await expect(waiting).toHaveCount(1);
  await expect(waiting).toContainText('离线第一条');
  await expect(waiting.getByRole('alert')).toContainText('同事先记的');
  await waiting.getByRole('button', { name: '两条都留' }).click();
  await expect(page.getByText('没有待发的记录。')).toBeVisible();

  // Each once, on the trip's report.
  await open(page, `/trips/${trip}/report`);
  await expect(page.locator('tbody tr', { hasText: '离线第一条' })).toHaveCount(1);
  await expect(page.locator('tbody tr', { hasText: '离线第二条，改过' })).toHaveCount(1);
  await expect(page.getByText('离线第二条', { exact: true })).toHaveCount(0);

  // Somebody else signs in at this phone: what was kept of the first is gone.
  await signIn(page, 'officer-west');
  await expect.poll(() => page.evaluate(async () => (await (await caches.open('road-pages')).keys()).length)).toBe(0);
});

test('the book prints a page for each visit, and files for each team', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await signIn(page, 'officer-east');
  const trip = await planTrip(page, `简报 ${info.project.name}`);
  const visits = await page.locator('.plan button.v').count();
  await page.getByRole('link', { name: '简报册' }).click();
  await expect(page).toHaveURL(/\/book$/);
  await expect(page.locator('.sheet')).toHaveCount(visits + 4);
  await accessible(page, 'book', info);
  await expect(page.locator('.sheet .qr')).toHaveCount(visits + 1);
  const first = page.locator('#brief-1');
  for (const heading of ['在本地链上的位置', '他们是谁', '本地上下游', '此前往来', '在场', '要问', '可以谈', '红线', '散会前核对']) {
    await expect(first.getByRole('heading', { name: heading })).toBeVisible();
  }
  const paper = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
  const pages = (paper.match(/\/Type\s*\/Page[^s]/g) ?? []).length;
  expect(pages, 'cover, days of two teams, visits, contacts').toBe(visits + 4);
  if (info.project.name !== 'phone') {
    await page.getByLabel('含二维码').uncheck();
    await expect(page.locator('.sheet .qr')).toHaveCount(0);
  }
  for (const [address, kind] of [
    [`/trips/${trip}/book.xlsx?team=1`, 'spreadsheetml'],
    [`/trips/${trip}/calendar.ics?team=2`, 'text/calendar'],
    [`/trips/${trip}/report.xlsx`, 'spreadsheetml'],
    ['/trips/year.xlsx', 'spreadsheetml'],
  ]) {
    const answer = await page.request.get(address);
    expect(answer.status(), address).toBe(200);
    expect(answer.headers()['content-type'], address).toContain(kind);
  }
  // Nobody approved it and nobody went: it is none of the year's trips.
  await open(page, '/trips/year');
  await expect(page.locator('h1')).toBeVisible();
  await expect(page.locator('tbody tr', { hasText: `简报 ${info.project.name}` })).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});
