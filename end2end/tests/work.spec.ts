import { expect, test } from '@playwright/test';
import { accessible, complaints, open, signIn, unexpected } from './support';

/** The first lead of the bureau's board. */
async function firstLead(page: import('@playwright/test').Page) {
  await open(page, '/leads');
  const href = await page.locator('.card a[href^="/leads/"]').first().getAttribute('href');
  await open(page, href ?? '');
}

test('a lead keeps its contacts, tasks, commitments and files', async ({ page }, info) => {
  const said = complaints(page);
  const mark = `${info.project.name} ${Date.now()}`;
  await signIn(page, 'officer-east', '/leads');
  await firstLead(page);

  const contacts = page.getByRole('region', { name: '联系人' });
  await contacts.getByRole('button', { name: '添加联系人' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('姓名').fill(`何样例 ${mark}`);
  await dialog.getByLabel('电话').fill('问前台');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog.getByText('不是电话号码')).toBeVisible();
  await dialog.getByLabel('电话').fill('0512-6288 0000');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(contacts.getByRole('link', { name: `拨打 何样例 ${mark}` })).toHaveAttribute('href', 'tel:051262880000');

  const tasks = page.getByRole('region', { name: '任务' });
  await tasks.getByRole('button', { name: '添加任务' }).click();
  await dialog.getByLabel('事项').fill(`备回访提纲 ${mark}`);
  await accessible(page, 'task-form', info);
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog).toHaveCount(0);
  const done = tasks.getByRole('checkbox', { name: `完成：备回访提纲 ${mark}` });
  await expect(done).not.toBeChecked();

  const commitments = page.getByRole('region', { name: '双方承诺' });
  await commitments.getByRole('button', { name: '添加承诺' }).click();
  await dialog.getByLabel('承诺内容').fill(`设备搬迁补助 ${mark}`);
  await dialog.getByLabel('公平竞争审查').selectOption({ label: '审查中' });
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog).toHaveCount(0);
  const promise = commitments.getByRole('listitem').filter({ hasText: mark });
  await expect(promise).toContainText('不得写入合同');
  await promise.getByRole('button', { name: '已兑现' }).click();
  await expect(promise).not.toContainText('不得写入合同');
  await expect(page.locator('.timeline')).toContainText('我方承诺，已兑现');

  const files = page.getByRole('region', { name: '材料' });
  await files.locator('input[type=file]').setInputFiles({ name: `需求 ${mark}.txt`, mimeType: 'text/plain', buffer: Buffer.from('用电 2,400 kVA') });
  await files.getByRole('button', { name: '上传材料' }).click();
  await page.waitForURL(/\/leads\/\d+$/);
  const file = files.getByRole('link', { name: `需求 ${mark}.txt` });
  const [download] = await Promise.all([page.waitForEvent('download'), file.click()]);
  expect(download.suggestedFilename()).toBe(`需求 ${mark}.txt`);
  await accessible(page, 'lead-work', info);

  // The task is one of the day's, and done there it is done here.
  await open(page, '/today?mine=true');
  const row = page.getByRole('region', { name: '今日跟进' }).getByRole('row').filter({ hasText: mark });
  await row.getByRole('button', { name: '完成' }).click();
  await expect(row).toHaveCount(0);
  await firstLead(page);
  await expect(done).toBeChecked();
  expect(unexpected(said)).toEqual([]);
});

test('the weekly sheet is ready to be projected', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'chief-east', '/today');
  await page.getByRole('link', { name: '周协调清单' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('长三角分局 周协调');
  for (const name of ['本周推进', '阶段超时', '将失效的首报', '我方承诺', '静默线索', '到下周末的任务']) {
    await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
  }
  await accessible(page, 'week', info);
  const title = page.getByRole('heading', { level: 1 });
  const before = (await title.boundingBox())?.height ?? 0;
  await page.keyboard.press('f');
  await expect.poll(async () => (await title.boundingBox())?.height ?? 0).toBeGreaterThan(before);
  await page.keyboard.press('f');
  await page.getByRole('link', { name: '上一周' }).click();
  await page.waitForURL(/day=/);
  await expect(page.getByRole('link', { name: '下一周' })).toBeVisible();
  expect(unexpected(said)).toEqual([]);
});
