import { expect, test } from '@playwright/test';
import { accessible, complaints, open, signIn, unexpected } from './support';

/** A company that the Yangtze bureau follows. */
const COMPANY = '示例沐曦膜材料(苏州)有限公司';

test('the claim ledger is filtered and taken away', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'leader', '/claims');
  await expect(page.getByRole('heading', { level: 1, name: '首报台账' })).toBeVisible();
  const rows = page.getByRole('region', { name: '首报台账' }).locator('tbody tr');
  const all = await rows.count();
  expect(all).toBeGreaterThan(14);
  await accessible(page, 'claim-ledger', info);
  await page.getByLabel('事项', { exact: true }).selectOption({ label: '续期' });
  await page.waitForURL(/kind=renewed/);
  await expect(rows.first().getByRole('cell', { name: '续期', exact: true })).toBeVisible();
  await expect(rows.getByRole('cell', { name: '首报', exact: true })).toHaveCount(0);
  await page.locator('summary', { hasText: '导出' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('claims.csv');
  const text = Buffer.concat(await (await file.createReadStream())!.toArray()).toString('utf8');
  expect(text.split('\n')[0]).toContain('对方分局');
  expect(text).toContain('续期');
  await open(page, '/claims?text=没有这样的企业');
  await expect(page.getByText('没有符合条件的记录')).toBeVisible();
  await page.getByRole('link', { name: '清除筛选' }).click();
  await expect.poll(() => rows.count()).toBe(all);
  expect(unexpected(said)).toEqual([]);
});

test('who is second sees who was first, objects, and the leader decides', async ({ page, browser }, info) => {
  const said = complaints(page);
  const proof = `五月已与董事长会谈 ${info.project.name}`;
  const reason = `走访记录在先 ${info.project.name}`;
  await signIn(page, 'officer-west', `/enterprises?q=${encodeURIComponent('沐曦膜材料')}`);
  await page.getByRole('link', { name: COMPANY }).click();
  await page.getByRole('button', { name: '首报情况' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('长三角分局')).toBeVisible();
  await expect(dialog.getByText('同一企业')).toBeVisible();
  await expect(dialog.getByText('走出去').first()).toBeVisible();
  await accessible(page, 'claim-conflict', info);
  await dialog.getByRole('button', { name: '提出异议' }).click();
  await expect(dialog.getByText('必填')).toBeVisible();
  await dialog.getByLabel('异议证据（何时、与谁、谈了什么）').fill(proof);
  await dialog.getByRole('button', { name: '提出异议' }).click();
  await expect(page.getByText('异议已提交，等待裁定')).toBeVisible();

  const leader = await (await browser.newContext({ locale: 'zh-CN' })).newPage();
  await signIn(leader, 'leader', '/claims');
  const waiting = leader.getByRole('region', { name: '待裁定的异议' });
  await expect(waiting.getByText(proof)).toBeVisible();
  await accessible(leader, 'claim-disputes', info);
  await waiting.getByRole('button', { name: `裁定 ${COMPANY}` }).click();
  const form = leader.getByRole('dialog');
  await form.getByRole('button', { name: '裁定', exact: true }).click();
  await expect(form.getByText('必填', { exact: true })).toBeVisible();
  await form.getByLabel('裁定结果').selectOption({ label: '维持首报，仍归长三角分局' });
  await form.getByLabel('原因').fill(reason);
  await accessible(leader, 'claim-decision', info);
  await form.getByRole('button', { name: '裁定', exact: true }).click();
  await expect(leader.getByRole('region', { name: '首报台账' }).getByText(reason)).toBeVisible();
  await expect(leader.getByText(proof)).toHaveCount(1);
  await leader.close();

  // The one who objected reads the decision.
  await open(page, '/claims?kind=upheld');
  await expect(page.getByRole('cell', { name: reason })).toBeVisible();
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});

test('a lead is offered to another bureau with a share, and the offer taken back', async ({ page, browser }, info) => {
  const said = complaints(page);
  const reason = `靠近总部 ${info.project.name}`;
  await signIn(page, 'officer-east', '/leads/list?text=沐曦膜材料');
  await page.getByRole('link', { name: COMPANY }).click();
  await page.waitForURL(/\/leads\/\d+/);
  await page.getByRole('button', { name: '流转', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('接收分局').selectOption({ index: 0 });
  const receiving = await form.getByLabel('接收分局').locator('option').first().textContent();
  await form.getByLabel('本分局保留的利益分成（%）').fill('三成');
  await expect(form.getByText('不是数字')).toBeVisible();
  await form.getByLabel('本分局保留的利益分成（%）').fill('30');
  await form.getByLabel('原因').fill(reason);
  await accessible(page, 'transfer-form', info);
  await form.getByRole('button', { name: '提出流转' }).click();
  await expect(page.getByText(reason)).toBeVisible();
  await expect(page.getByText(`长三角分局 → ${receiving}，长三角分局保留分成 30 %`)).toBeVisible();
  await expect(page.getByRole('button', { name: '流转', exact: true })).toHaveCount(0);

  const other = await browser.newPage({ locale: 'zh-CN' });
  await signIn(other, 'leader', '/claims');
  await expect(other.getByRole('region', { name: '待接收的流转' }).getByText(reason)).toBeVisible();
  await other.close();

  await page.getByRole('button', { name: `撤回 ${COMPANY} 的流转` }).click();
  await expect(page.getByText('流转已撤回')).toBeVisible();
  await expect(page.getByText(reason)).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});

test('the pool is filtered, and the rules say how a claim runs', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-west', '/pool');
  await expect(page.getByRole('heading', { level: 1, name: '公海' })).toBeVisible();
  await accessible(page, 'pool', info);
  await open(page, `/pool?text=${encodeURIComponent('绝无此名')}`);
  await expect(page.getByRole('main').getByRole('link', { name: /示例/ })).toHaveCount(0);
  await page.getByRole('link', { name: '清除筛选' }).click();
  await page.waitForURL(/\/pool$/);
  await open(page, '/settings/stages');
  await expect(page.getByText('保护期 60 天；有续期记录之日起 60 天，只延不缩；到期后 0 天入公海；签约后不再到期')).toBeVisible();
  await expect(page.getByText('走出去、请进来、屏对屏、进入新阶段')).toBeVisible();
  expect(unexpected(said)).toEqual([]);
});
