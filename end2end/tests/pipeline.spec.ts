import { expect, test } from '@playwright/test';
import { accessible, complaints, open, ready, signIn } from './support';

test('the list is filtered, ordered and taken away', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'leader', '/leads/list');
  await expect(page.getByRole('heading', { level: 1, name: '线索列表' })).toBeVisible();
  const rows = page.getByRole('region', { name: '线索列表' }).locator('tbody tr');
  const all = await rows.count();
  expect(all).toBeGreaterThan(8);
  await accessible(page, 'lead-list', info);
  await page.getByLabel('阶段', { exact: true }).selectOption({ label: '签约' });
  await page.waitForURL(/stage=signed/);
  await expect(rows.first().getByText('签约')).toBeVisible();
  expect(await rows.count()).toBeLessThan(all);
  await page.locator('summary', { hasText: '导出' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('leads.csv');
  const text = Buffer.concat(await (await file.createReadStream())!.toArray()).toString('utf8');
  expect(text.split('\n')[0]).toContain('企业');
  expect(text).toContain('签约');
  await open(page, '/leads/list?text=没有这样的线索');
  await expect(page.getByText('没有符合条件的线索')).toBeVisible();
  await page.getByRole('link', { name: '清除筛选' }).click();
  await expect.poll(() => rows.count()).toBe(all);
  expect(said).toEqual([]);
});

test('a lead is changed, paused with a reason, and put back; a stale form is told what differs', async ({ page, browser }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-east', '/leads/list');
  await page.getByRole('region', { name: '线索列表' }).getByRole('link').first().click();
  await page.waitForURL(/\/leads\/\d+/);
  const address = new URL(page.url()).pathname;
  const other = await browser.newPage({ locale: 'zh-CN' });
  await signIn(other, 'officer-east-2', address);

  const title = `示例改名 ${info.project.name}`;
  await page.getByRole('button', { name: '修改' }).click();
  const form = page.getByRole('dialog');
  await expect(form.getByLabel('负责人')).toBeVisible();
  await form.getByLabel('用地（亩）').fill('很多');
  await expect(form.getByText('不是数字')).toBeVisible();
  await form.getByLabel('用地（亩）').fill('66.5');
  await form.getByLabel('项目名称').fill(title);
  await accessible(page, 'lead-form', info);
  await form.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('66.5').first()).toBeVisible();
  await expect(page.locator('.timeline').getByText(title)).toBeVisible();

  // The colleague still sees the lead as it was.
  await other.getByRole('button', { name: '修改' }).click();
  await other.getByRole('dialog').getByLabel('项目名称').fill('同事的名字');
  await other.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(other.getByRole('alert')).toContainText(title);
  await expect(other.getByRole('dialog').getByLabel('项目名称')).toHaveValue('同事的名字');
  await other.close();

  await page.getByRole('button', { name: '暂缓、终止…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(page.getByRole('dialog').getByText('必填')).toBeVisible();
  await page.getByRole('dialog').getByLabel('原因').fill(`等土地指标 ${info.project.name}`);
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.page-head').getByText('暂缓', { exact: true })).toBeVisible();
  await expect(page.locator('.timeline').getByText(`等土地指标 ${info.project.name}`)).toBeVisible();
  await page.getByRole('button', { name: '暂缓、终止…' }).click();
  await page.getByRole('dialog').getByLabel('状态').selectOption({ label: '恢复推进' });
  await page.getByRole('dialog').getByLabel('原因').fill('指标已到');
  await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.page-head').getByText('暂缓', { exact: true })).toHaveCount(0);
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});

test('stage rules: other limits from a day on, a file with a fault, a calendar', async ({ page }, info) => {
  await signIn(page, 'admin', '/settings/stages');
  await expect(page.getByRole('heading', { level: 1, name: '阶段规则' })).toBeVisible();
  await expect(page.getByRole('row', { name: /研判 3 工作日/ })).toBeVisible();
  await accessible(page, 'stage-rules', info);
  await page.getByLabel('研判 时限').fill('5');
  await page.getByRole('button', { name: '保存口径' }).click();
  await expect(page.getByText('必填').first()).toBeVisible();
  const version = `2099-${info.project.name}`;
  await page.getByLabel('版本号').fill(version);
  await page.getByLabel('生效日期').fill('2099-01-01');
  await page.getByLabel('依据', { exact: true }).fill('示例办法');
  await page.getByRole('button', { name: '保存口径' }).click();
  await expect(page.getByRole('row', { name: new RegExp(version) })).toBeVisible();

  await page.locator('#pack-file').setInputFiles({ name: 'rules.json', mimeType: 'application/json', buffer: Buffer.from('{"version": 1') });
  await page.getByRole('button', { name: '上传' }).click();
  await expect(page.getByRole('alert')).toContainText('规则文件第 1 行');
  await ready(page);
  const year = (text: string) => ({ name: '2027.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await page.locator('#calendar-file').setInputFiles(year('{"year": 2027, "source": "示例通知", "off": ["2027-13-01"], "work": []}'));
  await page.getByRole('button', { name: '导入日历' }).click();
  await expect(page.getByRole('alert')).toContainText('2027-13-01');
  await ready(page);
  await page.locator('#calendar-file').setInputFiles(year('{"year": 2027, "source": "示例通知", "off": ["2027-01-01/2027-01-03"], "work": []}'));
  await page.getByRole('button', { name: '导入日历' }).click();
  await expect(page.getByRole('row', { name: /2027 3 0 示例通知/ })).toBeVisible();
});
