import { expect, test, type Page } from '@playwright/test';
import { accessible, complaints, open, signIn, unexpected } from './support';

/** Opens the dialog as the device does it: by keys, or by the field in the bar. */
async function openFinder(page: Page, project: string) {
  if (project === 'phone') await page.getByRole('banner').getByRole('searchbox').click();
  else await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog', { name: '搜索' });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('combobox')).toBeFocused();
  return dialog;
}

test('one dialog finds companies, leads, nodes, people and pages', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-east', '/leads/list');
  const row = page.getByRole('region', { name: '线索列表' }).getByRole('link').first();
  const company = await row.innerText();
  const dialog = await openFinder(page, info.project.name);
  const field = dialog.getByRole('combobox');
  const hits = dialog.getByRole('option');

  // A lead by its company's name: the group, the row, and the way there.
  await field.fill(company);
  const leads = dialog.getByRole('group', { name: '线索', exact: true });
  await expect(leads.getByRole('option').first()).toContainText(company);
  await expect(dialog.getByRole('status')).toContainText(/找到 \d+ 项/);
  await expect(field).toHaveAttribute('aria-activedescendant', 'finder-0');
  await expect(hits.first()).toHaveAttribute('aria-selected', 'true');
  await accessible(page, 'finder', info);
  if (info.project.name === 'phone') {
    const box = await dialog.boundingBox();
    const size = page.viewportSize()!;
    expect([box!.width, box!.height]).toEqual([size.width, size.height]);
    expect((await hits.first().boundingBox())!.height).toBeGreaterThanOrEqual(44);
  }

  // Pinyin, initials and traditional characters find the same node.
  for (const text of ['离子交换膜', 'lizijiaohuanmo', 'lzjhm', '離子交換膜']) {
    const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/find'));
    await field.fill(text);
    await answered;
    await expect(dialog.getByRole('group', { name: '环节' }).getByRole('option', { name: /离子交换膜/ }).first()).toBeVisible();
  }

  // Arrows, Home and End walk over all groups and around the ends.
  const last = (await hits.count()) - 1;
  await field.press('End');
  await expect(field).toHaveAttribute('aria-activedescendant', `finder-${last}`);
  await field.press('ArrowDown');
  await expect(field).toHaveAttribute('aria-activedescendant', 'finder-0');
  await field.press('ArrowUp');
  await expect(hits.nth(last)).toHaveAttribute('aria-selected', 'true');
  await field.press('Home');
  await expect(hits.first()).toHaveAttribute('aria-selected', 'true');

  // A page by its initials; Enter before the answer is there waits for it.
  await field.fill('jr');
  await field.press('Enter');
  await page.waitForURL(/\/today$/);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // Nothing found says so and offers the full lists.
  const again = await openFinder(page, info.project.name);
  await again.getByRole('combobox').fill('绝无此名甲乙丙丁');
  await expect(again.getByRole('status')).toContainText('没有找到“绝无此名甲乙丙丁”');
  await accessible(page, 'finder-nothing', info);
  await again.getByRole('option', { name: /在线索列表里搜/ }).click();
  await page.waitForURL(/\/leads\/list\?text=/);
  await expect(page.getByText('没有符合条件的线索')).toBeVisible();
  expect(unexpected(said)).toEqual([]);
});

test('answers that come late are dropped', async ({ page }, info) => {
  await signIn(page, 'officer-east', '/today');
  const dialog = await openFinder(page, info.project.name);
  await expect(dialog.getByRole('group', { name: '操作' })).toBeVisible();
  // The first question is answered after the second one.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  await page.route('**/api/find', async (route) => {
    asked += 1;
    if (asked === 1) await held;
    await route.continue();
  });
  const field = dialog.getByRole('combobox');
  await field.fill('钒');
  await expect.poll(() => asked).toBe(1);
  await field.fill('离子交换膜');
  const node = dialog.getByRole('group', { name: '环节' }).getByRole('option', { name: /离子交换膜/ }).first();
  await expect(node).toBeVisible();
  const late = page.waitForResponse('**/api/find');
  release();
  await late;
  await expect(dialog.getByRole('option', { name: /在企业名录里搜“离子交换膜”/ })).toBeVisible();
  await expect(dialog.getByRole('option', { name: /“钒”/ })).toHaveCount(0);
});

test('what was opened last is there before typing, and gone after signing out', async ({ page }, info) => {
  await signIn(page, 'officer-east', '/leads/list');
  const link = page.getByRole('region', { name: '线索列表' }).getByRole('link').first();
  const company = await link.innerText();
  await link.click();
  await page.waitForURL(/\/leads\/\d+$/);
  await expect(page.getByRole('heading', { level: 1, name: company })).toBeVisible();
  const dialog = await openFinder(page, info.project.name);
  await expect(dialog.getByRole('group', { name: '最近打开' }).getByRole('option').first()).toContainText(company);
  await accessible(page, 'finder-recent', info);
  // No name lies on the computer, only where it was.
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  expect(kept).toMatch(/leads\/\d+/);
  expect(kept).not.toContain(company);
  await dialog.getByRole('combobox').press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('banner').locator('summary.who').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.waitForURL(/\/login/);
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('leads/');
});

test('without a right there is no action and no foreign lead', async ({ page }, info) => {
  await signIn(page, 'viewer', '/');
  const dialog = await openFinder(page, info.project.name);
  await dialog.getByRole('combobox').fill('示例');
  await expect(dialog.getByRole('group', { name: '企业', exact: true })).toBeVisible();
  await expect(dialog.getByRole('group', { name: '线索', exact: true })).toHaveCount(0);
  await expect(dialog.getByRole('group', { name: '人', exact: true })).toHaveCount(0);
  await dialog.getByRole('combobox').fill('登记线索');
  await expect(dialog.getByRole('status')).toContainText('没有找到');
});

test('keys: the sheet, going, rows, editing, and turning them off', async ({ page }, info) => {
  test.skip(info.project.name === 'phone', 'a phone has no keyboard');
  const said = complaints(page);
  await signIn(page, 'officer-east', '/leads/list');
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: '键盘快捷键' });
  await expect(sheet.getByRole('row', { name: /下一行 J/ })).toBeVisible();
  await expect(sheet.getByRole('row', { name: /去今日 G T/ })).toBeVisible();
  await accessible(page, 'key-sheet', info);
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);

  const rows = page.getByRole('region', { name: '线索列表' }).locator('a[data-row]');
  await page.keyboard.press('j');
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press('j');
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await expect(rows.nth(0)).toBeFocused();
  // E opens the row's form; the address does not keep the wish.
  await page.keyboard.press('e');
  await page.waitForURL(/\/leads\/\d+$/);
  await expect(page.getByRole('dialog').getByLabel('项目名称')).toBeVisible();
  await page.getByRole('dialog').getByLabel('项目名称').press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // R goes to the write box, letters are letters there, and Ctrl Enter saves.
  await page.keyboard.press('r');
  const box = page.getByLabel('记一笔');
  await expect(box).toBeFocused();
  await page.keyboard.type('gt 键盘记录');
  await expect(page).toHaveURL(/\/leads\/\d+$/);
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('.timeline').getByText('gt 键盘记录').first()).toBeVisible();

  for (const [second, address] of [['b', /\/leads$/], ['l', /\/leads\/list$/], ['m', /\/$/], ['e', /\/enterprises$/], ['p', /\/trips$/], ['t', /\/today$/]] as const) {
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('g');
    await page.keyboard.press(second);
    await page.waitForURL(address);
  }
  await expect(page.getByRole('navigation', { name: '今日概览' })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.locator('main a[data-row]').first()).toBeFocused();
  await page.keyboard.press('/');
  await expect(page.getByRole('dialog', { name: '搜索' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('main a[data-row]').first()).toBeFocused();

  // Off: only what carries Ctrl remains, and the sheet stays in the account's menu.
  await page.getByRole('banner').locator('summary.who').click();
  await page.getByRole('button', { name: '键盘快捷键' }).click();
  await sheet.getByRole('checkbox', { name: '启用单键快捷键' }).uncheck();
  await page.keyboard.press('Escape');
  await open(page, '/today');
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(/\/today$/);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: '搜索' })).toBeVisible();
  expect(unexpected(said)).toEqual([]);
});

test('the field in the bar searches the companies without a script', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const page = await context.newPage();
  await signIn(page, 'officer-east', '/');
  const state = await context.storageState();
  await context.close();
  const plain = await browser.newContext({ javaScriptEnabled: false, locale: 'zh-CN', storageState: state });
  const bare = await plain.newPage();
  await bare.goto('/');
  await bare.getByRole('banner').getByRole('searchbox').fill('示例');
  await bare.getByRole('banner').getByRole('searchbox').press('Enter');
  await bare.waitForURL(/\/enterprises\?q=/);
  await expect(bare.getByText(/找到 \d+ 家/)).toBeVisible();
  await plain.close();
});

test('of pages gone to in haste the last one stays, whatever arrives late', async ({ page }, info) => {
  test.skip(info.project.name === 'phone', 'a phone has no keyboard');
  const said = complaints(page);
  await signIn(page, 'officer-east', '/leads/list');
  await page.route('**/api/list_trips', async (route) => {
    await new Promise((done) => { setTimeout(done, 1500); });
    await route.continue().catch(() => {});
  });
  const today = page.getByRole('navigation', { name: '今日概览' });
  for (let round = 0; round < 3; round += 1) {
    for (const [second, address] of [['m', /\/$/], ['e', /\/enterprises$/], ['p', /\/trips$/], ['t', /\/today$/]] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(second);
      await page.waitForURL(address);
    }
    await expect(today).toBeVisible();
    await page.waitForTimeout(2000);
    await expect(today).toBeVisible();
  }
  expect(unexpected(said)).toEqual([]);
});
