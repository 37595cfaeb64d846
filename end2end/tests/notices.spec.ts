import { expect, test, type Browser } from '@playwright/test';
import { accessible, complaints, open, signIn, unexpected } from './support';

/** The chief of a bureau pauses the first lead that an officer owns, or puts it back: the officer is told. */
async function pauseOrResume(browser: Browser, officer: string, chief: string) {
  const page = await browser.newPage({ locale: 'zh-CN' });
  await signIn(page, chief, '/leads/list');
  const row = page.getByRole('region', { name: '线索列表' }).locator('tbody tr').filter({ hasText: officer }).first();
  const company = await row.getByRole('link').first().innerText();
  await row.getByRole('link').first().click();
  await page.waitForURL(/\/leads\/\d+/);
  await expect(page.getByRole('button', { name: '暂缓、终止…' })).toBeVisible();
  const isPaused = (await page.locator('.page-head').getByText('暂缓', { exact: true }).count()) > 0;
  await page.getByRole('button', { name: '暂缓、终止…' }).click();
  const form = page.getByRole('dialog');
  if (isPaused) await form.getByLabel('状态').selectOption({ label: '恢复推进' });
  await form.getByLabel('原因').fill('示例：等土地指标');
  await form.getByRole('button', { name: '保存' }).click();
  await expect(form).toHaveCount(0);
  await page.close();
  return { company, sentence: isPaused ? `恢复推进“${company}”` : `把“${company}”设为暂缓` };
}

test('the bell learns of a notice while the page is open, and leads to it', async ({ page, browser }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-south', '/today');
  const bell = page.locator('details.bell > summary');
  await expect(bell).toHaveAccessibleName(/^通知/);
  const before = Number((await bell.locator('.n').innerText()) || '0');
  const { company, sentence } = await pauseOrResume(browser, '梁演示', 'chief-south');
  // No reload: the number comes over the stream, and is said once to those who listen.
  await expect(bell).toHaveAccessibleName(`通知，${before + 1} 条未读`, { timeout: 15_000 });
  await expect(page.getByText(`现有 ${before + 1} 条未读通知`)).toHaveCount(1);
  await expect(page.locator('.toasts > *')).toHaveCount(0);

  await bell.click();
  const panel = page.locator('details.bell .menu');
  const latest = panel.getByRole('link').first();
  await expect(latest).toContainText(sentence);
  await accessible(page, 'bell', info);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(bell).toBeFocused();
  await bell.click();
  await latest.click();
  await page.waitForURL(/\/leads\/\d+/);
  await expect(page.getByRole('heading', { level: 1, name: company })).toBeVisible();
  await expect(panel).toBeHidden();
  if (before === 0) await expect(bell).toHaveAccessibleName('通知，没有未读');
  else await expect(bell).toHaveAccessibleName(`通知，${before} 条未读`);

  await pauseOrResume(browser, '梁演示', 'chief-south');
  await open(page, '/notices?unread=true');
  const list = page.getByRole('main').getByRole('listitem');
  await expect(list.first()).toContainText(company);
  await accessible(page, 'notices', info);
  await page.getByRole('main').getByRole('button', { name: '全部已读' }).click();
  await expect(page.getByText('没有未读通知')).toBeVisible();
  await expect(bell).toHaveAccessibleName('通知，没有未读');
  await page.getByRole('main').getByRole('link', { name: '全部通知' }).click();
  await expect(list.first()).toContainText(company);
  expect(unexpected(said)).toEqual([]);
});

test('settings of one\'s own: a wrong address is named, a calendar address is made, works, and is taken away', async ({ page, request }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-north', '/today');
  await page.locator('details.drop > summary.who').click();
  await page.getByRole('link', { name: '我的设置' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '我的设置' })).toBeVisible();
  await expect(page.getByText('本站没有配置发信服务器')).toBeVisible();
  await page.getByLabel('邮件内容').selectOption({ label: '每个工作日 8 点的日报' });
  await page.getByLabel('邮箱地址').fill('不是地址');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('不是有效的邮箱地址')).toBeVisible();
  await accessible(page, 'own-settings', info);
  await page.getByLabel('邮箱地址').fill('tian@example.cn');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.toasts')).toContainText('已保存');

  await page.getByRole('button', { name: /生成地址|换一个地址/ }).click();
  const address = await page.getByLabel('日历地址').inputValue();
  expect(address).toMatch(/^http.*\/calendar\/[\w-]{43}\.ics$/);
  await accessible(page, 'own-calendar', info);
  const calendar = await request.get(address);
  expect(calendar.status()).toBe(200);
  expect(await calendar.text()).toContain('BEGIN:VCALENDAR');
  await page.getByRole('button', { name: '换一个地址' }).click();
  await expect(page.getByLabel('日历地址')).not.toHaveValue(address);
  expect((await request.get(address)).status()).toBe(404);
  const other = await page.getByLabel('日历地址').inputValue();
  await page.getByRole('button', { name: '停用地址' }).click();
  await expect(page.getByText('还没有地址。')).toBeVisible();
  expect((await request.get(other)).status()).toBe(404);
  // It is shown once: a reload knows no address any more.
  await open(page, '/settings/me');
  await expect(page.getByLabel('邮箱地址')).toHaveValue('tian@example.cn');
  await expect(page.getByLabel('日历地址')).toHaveCount(0);
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});
