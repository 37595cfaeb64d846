import { expect, type Page, test } from '@playwright/test';
import { accessible, complaints, open, ready, signIn } from './support';

/** The address of the map that a link leads to: a link loads data, not a page, so the address comes a moment later. */
async function mapAddress(page: Page): Promise<string> {
  await page.waitForURL(/\/chains\/\d+/);
  return new URL(page.url()).pathname;
}

test('what if: a project lands, the gap closes, and the scenario is kept', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-west', '/');
  await page.getByRole('link', { name: '钒电池储能' }).click();
  const address = await mapAddress(page);
  await page.locator('[data-node]').filter({ hasText: '离子交换膜' }).click();
  const panel = page.getByRole('complementary', { name: '环节详情' });
  await panel.getByText('什么会让它变类或换位').click();
  await expect(panel.getByText(/改到/).first()).toBeVisible();
  await accessible(page, 'map-flips', info);

  await open(page, `${address}/what-if`);
  await expect(page.getByRole('heading', { level: 1, name: '钒电池储能 推演' })).toBeVisible();
  await expect(page.getByText('没有可见的变化')).toBeVisible();
  const desk = page.getByRole('complementary', { name: '落地项目' });
  await desk.getByLabel('环节').selectOption({ label: '离子交换膜' });
  await desk.getByLabel('项目名称').fill('示例膜材料项目');
  await desk.getByLabel('年产值（亿元）').fill('很多');
  await expect(desk.getByText('填 0 到 100000 的数')).toBeVisible();
  await desk.getByLabel('年产值（亿元）').fill('500');
  await desk.getByRole('button', { name: '放上链图' }).click();
  const row = page.getByRole('row', { name: /离子交换膜 断链/ });
  await expect(row).toBeVisible();
  await expect(row.getByText('100 %')).toBeVisible();
  await expect(page.getByText(/闭合 [1-9]\d* 个缺口/)).toBeVisible();
  await expect(page.locator('[data-node]').filter({ hasText: '离子交换膜' })).not.toHaveAttribute('data-gap', 'missing');
  await accessible(page, 'what-if', info);

  const name = `膜材料落地 ${info.project.name}`;
  await desk.getByLabel('方案名称').fill(name);
  await desk.getByRole('button', { name: '留存方案' }).click();
  await expect(desk.getByText(name)).toBeVisible();
  await page.reload();
  await ready(page);
  const kept = desk.getByRole('row', { name: new RegExp(name) });
  await kept.getByRole('button', { name: '打开' }).click();
  await expect(page.getByRole('row', { name: /离子交换膜 断链/ })).toBeVisible();
  await kept.getByRole('button', { name: '移除' }).click();
  await expect(desk.getByText(name)).toHaveCount(0);
  expect(said).toEqual([]);
});

test('review: a word on a match is kept, seen and taken back', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-west', '/');
  await page.getByRole('link', { name: '钒电池储能' }).click();
  const address = await mapAddress(page);
  await open(page, `${address}/review?filter=automatic`);
  await accessible(page, 'review', info);
  const first = page.locator('tbody tr').first();
  const company = await first.getByRole('link').first().innerText();
  await first.getByRole('button', { name: '排除' }).click();
  await expect(page.getByText('已记录 1 条判断')).toBeVisible();
  await open(page, `${address}/review?filter=decided`);
  const decided = page.getByRole('row', { name: new RegExp(company.slice(0, 8)) }).first();
  await expect(decided.getByText('已排除')).toBeVisible();
  await decided.getByRole('button', { name: '撤回' }).click();
  await expect(page.getByText('这里没有要判断的匹配')).toBeVisible();
  expect(said).toEqual([]);
});

test('the leader sees chains, gaps and calls, sets a task, and looks back', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'leader', '/leader');
  await expect(page.getByRole('heading', { level: 1, name: '产业链招商一览' })).toBeVisible();
  for (const chain of ['钒电池储能', '富硒食品', '生物医药', '煤基新材料']) {
    await expect(page.getByRole('region', { name: '链与环节类别' }).getByRole('row', { name: new RegExp(chain) })).toHaveCount(1);
  }
  await expect(page.getByRole('region', { name: '全区头部缺口' }).getByRole('row')).not.toHaveCount(1);
  const title = `回访示例膜业 ${info.project.name}`;
  await page.getByRole('button', { name: '加任务' }).click();
  await expect(page.getByText('必填').first()).toBeVisible();
  await page.getByRole('textbox', { name: /^任务/ }).fill(title);
  await page.getByRole('button', { name: '加任务' }).click();
  const task = page.getByRole('row', { name: new RegExp(title) });
  await expect(task.getByText('进行中')).toBeVisible();
  await task.getByRole('checkbox').check();
  await expect(task.getByText(/完成/)).toBeVisible();
  await accessible(page, 'leader', info);

  await page.getByRole('region', { name: '链与环节类别' }).getByRole('link').first().click();
  await open(page, `${await mapAddress(page)}/history`);
  await page.getByRole('button', { name: '现在留快照' }).click();
  await expect(page.getByText('快照已留')).toBeVisible();
  await page.getByRole('button', { name: '更早' }).click();
  await expect(page.getByText('没有环节变类')).toBeVisible();
  await accessible(page, 'history', info);
  // The refused try answers 422, which the browser writes into its console.
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});

test('rules: what is out of range is named, what is sound holds from its day', async ({ page }, info) => {
  await signIn(page, 'admin', '/settings/atlas');
  const said = complaints(page);
  await page.getByLabel('权重 u').fill('2');
  await page.getByRole('button', { name: '保存口径' }).click();
  await expect(page.getByText('应在 0 到 1 之间')).toBeVisible();
  await expect(page.getByText('日期在今天之前')).toBeVisible();
  await expect(page.getByText('必填')).toBeVisible();
  await accessible(page, 'settings', info);
  await page.getByLabel('权重 u').fill('0.5');
  await page.getByLabel('生效日期').fill('2099-01-01');
  await page.getByLabel('依据').fill(`示例会议纪要 ${info.project.name}`);
  await page.getByRole('button', { name: '保存口径' }).click();
  await expect(page.getByRole('cell', { name: `示例会议纪要 ${info.project.name}` })).toBeVisible();
  // The refused try answers 422, which the browser writes into its console.
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});

test('the map and the chain leave as files', async ({ page }) => {
  await signIn(page, 'viewer', '/');
  await page.getByRole('link', { name: '钒电池储能' }).click();
  await mapAddress(page);
  for (const [item, ending] of [['链图 SVG', '.svg'], ['链文件 XLSX', '.xlsx'], ['链文件 CSV', '.csv'], ['链文件 JSON', '.json']]) {
    await page.locator('summary', { hasText: '导出' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: item }).click();
    expect((await download).suggestedFilename()).toContain(ending);
    await page.keyboard.press('Escape');
    await page.reload();
    await ready(page);
  }
});

test('a chain is edited in a draft: conflict-free, undone, published', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'admin', '/');
  await page.getByRole('link', { name: '富硒食品' }).click();
  const address = await mapAddress(page);
  await open(page, `${address}/edit`);
  await expect(page.getByText(/没有草稿/)).toBeVisible();
  const alias = `示例别名${info.project.name}`;
  const row = page.getByRole('region', { name: '环节' }).getByRole('row').nth(1);
  await row.getByRole('button', { name: '改', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('政策优先 p').fill('很高');
  await expect(dialog.getByText('不是数字')).toBeVisible();
  await expect(dialog.getByRole('button', { name: '存入草稿' })).toBeDisabled();
  await dialog.getByLabel('政策优先 p').fill('1.5');
  await dialog.getByRole('button', { name: '存入草稿' }).click();
  // Refused, the form stays with what was typed.
  await expect(dialog.getByText(/政策优先 p.*超出范围/)).toBeVisible();
  await dialog.getByLabel('政策优先 p').fill('0.5');
  await dialog.getByLabel('关键词').fill(alias);
  await accessible(page, 'edit-node', info);
  await dialog.getByRole('button', { name: '存入草稿' }).click();
  await expect(page.getByRole('region', { name: '草稿改了什么' }).getByText(alias)).toBeVisible();
  await accessible(page, 'edit-draft', info);
  await page.getByRole('button', { name: '撤销（1）' }).click();
  await expect(page.getByText('与已发布的相同')).toBeVisible();
  await row.getByRole('button', { name: '改', exact: true }).click();
  await dialog.getByLabel('关键词').fill(alias);
  await dialog.getByRole('button', { name: '存入草稿' }).click();
  await page.getByRole('button', { name: '发布', exact: true }).click();
  await expect(page.getByText(/没有草稿/)).toBeVisible();
  await expect(row.getByText(alias)).toBeVisible();
  // The refused try answers 422, which the browser writes into its console.
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});
