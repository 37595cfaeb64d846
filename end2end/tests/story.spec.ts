import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { accessible, complaints, open, ready, signIn } from './support';

/** The whole loop: import → map → target → lead → stage → trip → print. */
test('from a table to an itinerary', async ({ page }, info) => {
  test.setTimeout(240_000);
  const said = complaints(page);
  const mark = info.project.name === 'desktop' ? '甲' : '乙';
  const company = `示例全钒膜业(${mark})有限公司`;

  await page.goto('/login');
  await ready(page);
  await accessible(page, 'login', info);
  await signIn(page, 'officer-east', '/imports');

  // Import: a table with a good row, one without a name, and one with a date that does not exist.
  const file = info.outputPath('名录.csv');
  writeFileSync(
    file,
    `\ufeff企业名称,省    份,城     市,主营产品,上市日期\n${company},江苏,苏州市,离子交换膜；全氟质子膜,\n,江苏,苏州市,无名产品,\n示例日期公司${mark},江苏,苏州市,石墨毡,2019-02-30\n`,
  );
  await accessible(page, 'import-upload', info);
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: '上传并核对' }).click();
  await ready(page);
  await expect(page.getByText('试运行，未写入任何数据')).toBeVisible();
  await page.getByRole('tab', { name: /^拒绝/ }).click();
  await expect(page.getByText('没有这一天，或不是日期').first()).toBeVisible();
  await accessible(page, 'import-check', info);
  await page.getByRole('button', { name: '导入 1 行' }).click();
  await expect(page.getByText(/导入完成/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('cell', { name: '企业名称为空' })).toBeVisible();
  await accessible(page, 'import-done', info);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: '问题行 CSV' }).click();
  expect((await download).suggestedFilename()).toContain('refused');

  // Map: the gap, computed from the companies that really match.
  await open(page, '/');
  await accessible(page, 'chains', info);
  await page.getByRole('link', { name: '钒电池储能' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '钒电池储能' })).toBeVisible();
  const node = page.locator('[data-node]').filter({ hasText: '离子交换膜' });
  await expect(node).toHaveAttribute('data-gap', 'missing');
  await accessible(page, 'map', info);
  await node.click();
  const panel = page.getByRole('complementary', { name: '环节详情' });
  await expect(panel.getByText('缺口分 G')).toBeVisible();
  await expect(panel.getByText('判为断链')).toBeVisible();
  await accessible(page, 'map-panel', info);
  await panel.getByRole('link', { name: '找目标企业' }).click();

  // Target: the company that was imported a minute ago is found through the index.
  await expect(page.getByRole('heading', { name: '目标寻找' })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('link', { name: company })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  await ready(page);
  await accessible(page, 'targets', info);

  // Lead: one click.
  await page.getByRole('button', { name: `为 ${company} 建线索` }).click();
  await expect(page.getByRole('heading', { level: 1, name: company })).toBeVisible();
  await expect(page.getByText('首报登记')).toBeVisible();
  await accessible(page, 'lead', info);
  await page.getByLabel('记一笔').fill('电话里确认了联系人。');
  await page.getByLabel('类型').selectOption('call');
  await page.getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.timeline').getByText('电话里确认了联系人。')).toBeVisible();

  // Stage: the gate asks for the evidence, and names what is missing.
  await open(page, '/leads');
  await accessible(page, 'board', info);
  const card = page.locator('.card').filter({ hasText: company });
  await card.scrollIntoViewIfNeeded();
  await card.getByRole('button', { name: /推进到 研判/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('heading', { name: '推进到 研判' })).toBeVisible();
  await dialog.getByRole('button', { name: '推进到 研判' }).click();
  await expect(dialog.getByText('必填').first()).toBeVisible();
  await accessible(page, 'gate', info);
  await dialog.getByLabel(/与产业链契合/).fill('补离子交换膜断链');
  await dialog.getByLabel(/拟投资/).fill('65,000');
  await dialog.getByLabel(/用地/).fill('42');
  await dialog.getByLabel(/能耗/).fill('年综合能耗 4,100 吨标准煤');
  await dialog.getByLabel(/环境影响/).fill('有机废气需收集处理');
  await dialog.getByLabel(/研判结论/).selectOption('pursue');
  await dialog.getByRole('button', { name: '推进到 研判' }).click();
  await expect(page.locator('[data-column=screened]').getByText(company)).toBeVisible();
  await expect(page.locator('[data-column=lead]').getByText(company)).toHaveCount(0);

  // Trip: leads and targets into an itinerary.
  await open(page, '/trips/new');
  await accessible(page, 'trip-form', info);
  await page.getByLabel('名称').fill(`苏州一线${mark}`);
  await page.getByRole('group', { name: /没人跟的目标企业/ }).getByLabel('全选').check();
  // There are more targets than hours: whom one must see is said.
  await page.locator('.pool li').filter({ hasText: '示例全钒膜业' }).first().getByLabel('必访').check();
  await page.getByRole('button', { name: '排行程' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `苏州一线${mark}` })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('独立校验通过')).toBeVisible();
  await expect(page.locator('.plan .v').filter({ hasText: '示例全钒膜业' }).first()).toBeVisible();
  await accessible(page, 'trip', info);
  const calendar = page.waitForEvent('download');
  await page.getByText('更多', { exact: true }).click();
  await page.getByRole('link', { name: '日历 ICS' }).click();
  expect((await calendar).suggestedFilename()).toMatch(/trip-\d+\.ics/);

  // Print: the itinerary alone, without the shell.
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.itinerary')).toBeVisible();
  await expect(page.locator('.nav')).toBeHidden();
  await page.screenshot({ path: `results/screens/${info.project.name}-print.png`, fullPage: true });
  await page.emulateMedia({ media: 'screen' });

  // The gate's refusal is an answer of 422, which Chromium writes to its console whatever the page makes of it.
  expect(said.filter((line) => !(line.includes('422') && line.includes('/api/change_stage')))).toEqual([]);
});

test('the map stands before any script has loaded', async ({ browser }, info) => {
  const context = await browser.newContext({ ...info.project.use, javaScriptEnabled: false, baseURL: process.env.WUTONG_URL });
  const page = await context.newPage();
  await page.goto('/login?next=/chains/1');
  await page.getByLabel('账号').fill('leader');
  await page.getByLabel('口令').fill('wutong-demo-2026');
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.locator('svg.map [data-gap=missing]').first()).toBeVisible();
  expect(await page.locator('svg.map [data-node]').count()).toBeGreaterThanOrEqual(20);
  await context.close();
});

test('another bureau’s lead is not there', async ({ page }) => {
  await signIn(page, 'admin', '/leads?bureau=1');
  const href = await page.locator('.card a').first().getAttribute('href');
  await page.context().clearCookies();
  await signIn(page, 'officer-east', '/');
  const answer = await page.goto(href ?? '');
  expect(answer?.status()).toBe(404);
  await expect(page.getByText('没有这一页')).toBeVisible();
});

test('wrong words in, a clear sentence out', async ({ page }, info) => {
  await page.goto('/login');
  await page.getByLabel('账号').fill('officer-south');
  await page.getByLabel('口令').fill('wrong-password');
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.getByRole('alert')).toContainText('账号或口令不对');
  await expect(page.getByLabel('账号')).toHaveValue('officer-south');
  await accessible(page, 'login-problem', info);

  await signIn(page, 'officer-south', '/imports');
  const file = info.outputPath('不是工作簿.xlsx');
  writeFileSync(file, Buffer.from([1, 2, 3, 0, 255, 254, 9, 9, 9]));
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: '上传并核对' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText(/工作簿|编码|表头|认出/);
});

test('English and dark', async ({ page }, info) => {
  await signIn(page, 'leader', '/');
  await page.goto('/locale/en');
  await page.goto('/theme/dark');
  await open(page, '/chains/1');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('.band').getByText('Midstream')).toBeVisible();
  await accessible(page, 'map-english-dark', info);
});

test('keyboard: search from anywhere, cards and nodes without a mouse', async ({ page }, info) => {
  test.skip(info.project.name === 'phone', 'a phone has no keyboard');
  await signIn(page, 'chief-east', '/leads');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('slfy');
  await page.getByRole('option', { name: '在企业名录里搜“slfy”' }).click();
  await expect(page).toHaveURL(/enterprises\?q=slfy/);
  await expect(page.getByText(/找到 \d+ 家/)).toBeVisible();
  await open(page, '/leads');
  await page.locator('.card').first().focus();
  await page.keyboard.press('m');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Picked up, aimed at another column, put back; then put down where it may go.
  const negotiating = page.locator('[data-column=negotiating]');
  const card = negotiating.locator('.card').first();
  await card.focus();
  await page.keyboard.press(' ');
  await expect(page.locator('[data-aim]')).toHaveAttribute('data-column', 'site_visit');
  await expect(page.getByRole('status').filter({ hasText: '已拿起' })).toContainText('考察');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('[data-aim]')).toHaveAttribute('data-column', 'site_visit');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('[data-aim]')).toHaveAttribute('data-column', 'screened');
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-aim]')).toHaveCount(0);
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('退回');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await open(page, '/chains/1');
  await page.locator('[data-node]').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: '环节详情' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary', { name: '环节详情' })).toHaveCount(0);
});
