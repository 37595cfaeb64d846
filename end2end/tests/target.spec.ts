import { expect, test } from '@playwright/test';
import { accessible, complaints, open, signIn, unexpected } from './support';

test('a gap’s targets: narrowed, compared, asked with other words, weighed, taken away', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'chief-east', '/targets');
  await expect(page.getByText('写出产品或技术的名称')).toBeVisible();
  await accessible(page, 'targets-ask', info);
  await page.getByLabel('检索词').fill('離子交換膜、电解液');
  await page.getByRole('button', { name: '查找' }).click();
  await expect(page).toHaveURL(/\/targets\?q=/);
  const table = page.getByRole('region', { name: /目标企业/ });
  await expect(table.getByRole('row').nth(1)).toBeVisible();
  await expect(table.locator('mark').filter({ hasText: '离子交换膜' }).first()).toBeVisible();

  // A region narrows the list, and its own numbers stay; what is chosen can be taken out again.
  const facets = page.getByRole('complementary', { name: '筛选' });
  const delta = facets.getByRole('link', { name: '长三角' });
  await delta.click();
  await expect(page).toHaveURL(/region=/);
  await expect(delta).toHaveAttribute('aria-current', 'true');
  for (const place of await table.locator('.co .muted').allTextContents()) expect(place).toMatch(/上海|江苏|浙江|安徽/);
  await page.getByRole('link', { name: '去掉筛选 长三角' }).click();
  await expect(delta).not.toHaveAttribute('aria-current', 'true');

  // A province is chosen on the map of tiles.
  const tiles = page.getByRole('group', { name: '分布' });
  await tiles.getByRole('link', { name: /^湖北/ }).click();
  await expect(page).toHaveURL(/place=/);
  for (const place of await table.locator('.co .muted').allTextContents()) expect(place).toContain('湖北');
  await page.getByRole('link', { name: '清除筛选' }).first().click();
  await expect(page).not.toHaveURL(/place=/);

  // Two next to each other.
  await expect(page.getByText('勾选 2 至 4 家')).toBeVisible();
  await table.getByRole('checkbox').nth(0).check();
  await table.getByRole('checkbox').nth(1).check();
  const compared = page.getByRole('region', { name: '对比 2 家' });
  await expect(compared.getByRole('row', { name: /文本契合/ })).toBeVisible();
  await expect(compared.getByRole('columnheader')).toHaveCount(3);
  await accessible(page, 'targets-compared', info);
  await page.getByRole('button', { name: '清空' }).click();
  await expect(compared).toHaveCount(0);

  // The weights of the bureau: by reach alone, the first ones are at hand.
  await page.getByRole('button', { name: '权重', exact: true }).click();
  const weights = page.getByRole('dialog');
  for (const term of ['文本契合', '补缺 R', '供应联系', '扩张信号']) await weights.getByLabel(term, { exact: true }).fill('0');
  await accessible(page, 'targets-weights', info);
  await weights.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('权重已保存')).toBeVisible();
  // On a phone the terms stand in a line below each name, and their columns are away.
  await expect(page.locator('thead').getByText('×0.00')).not.toHaveCount(0);
  await page.getByRole('button', { name: '权重', exact: true }).click();
  await weights.getByRole('button', { name: '恢复默认' }).click();
  await expect(page.locator('thead').getByText('×0.35')).toHaveCount(1);
  await page.locator('td.tot').first().scrollIntoViewIfNeeded();
  expect(await page.locator('.res .scroll-x').evaluate((box) => box.scrollLeft)).toBe(0);
  await expect(page.locator('td.tot').first()).toBeInViewport();

  // As a file.
  await page.locator('summary').filter({ hasText: '导出' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  expect(file.suggestedFilename()).toBe('targets.csv');

  // Whatever is typed is answered.
  for (const odd of ['。！？', '😀', "'; DROP TABLE enterprise; --", '<script>window.hacked = 1</script>', '长'.repeat(500)]) {
    await page.goto(`/targets?q=${encodeURIComponent(odd)}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  }
  expect(unexpected(said)).toEqual([]);
});

test('the health of the search engines, for the administrator', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'admin', '/settings/search');
  const row = page.getByRole('row', { name: /内嵌索引/ });
  await expect(row.getByText('正常')).toBeVisible();
  await page.getByRole('button', { name: '重建索引' }).click();
  await expect(page.getByText('已请求重建')).toBeVisible();
  await accessible(page, 'search-health', info);
  expect(said).toEqual([]);
});

test('a list: kept from the finder, pasted, made into leads and a trip', async ({ page }, info) => {
  const said = complaints(page);
  const name = `膜材料名单 ${info.project.name}`;
  await signIn(page, 'officer-west', `/targets?q=${encodeURIComponent('复合材料')}`);
  const table = page.getByRole('region', { name: /目标企业/ });
  await table.getByRole('checkbox').nth(0).check();
  await table.getByRole('checkbox').nth(1).check();
  await page.getByRole('button', { name: '存为名单 2' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('名单名称').fill('');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog.getByText('必填')).toBeVisible();
  await dialog.getByLabel('名单名称').fill(name);
  await dialog.getByLabel('本分局都能看到和使用').check();
  await accessible(page, 'keep-on-list', info);
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('已放入 2 家')).toBeVisible();

  await open(page, '/lists');
  await accessible(page, 'target-lists', info);
  await page.getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await accessible(page, 'target-list', info);
  const rows = page.getByRole('row');
  await expect(rows).toHaveCount(3);
  // Taken off, and put back.
  await rows.nth(1).getByRole('checkbox').check();
  await page.getByRole('button', { name: '移出 1 家' }).click();
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(rows).toHaveCount(3);
  // Leads of what is chosen: each is made, or says why not.
  await rows.nth(1).getByRole('checkbox').check();
  await page.getByRole('button', { name: '建线索 1' }).click();
  await expect(page.getByText(/已建线索 [01] 条，共 1 家/)).toBeVisible();
  await page.getByRole('link', { name: '排外出' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '新建外出' })).toBeVisible();
  await expect(page.getByText(/已选 2 家/)).toBeVisible();

  // Pasted names: what is known, and what is not.
  await open(page, '/lists');
  await page.getByRole('button', { name: '粘贴名称' }).click();
  const paste = page.getByRole('dialog');
  await paste.getByLabel('企业名称、简称或代码').fill('1. 沃顿科技股份有限公司\n没有这家企业的名字\n');
  await paste.getByRole('button', { name: '匹配' }).click();
  await expect(paste.getByText('已匹配 1 家，库内没有 1 个')).toBeVisible();
  await accessible(page, 'pasted-names', info);
  await paste.getByLabel('名单名称').fill(`粘贴 ${info.project.name}`);
  await paste.getByRole('button', { name: '存为名单' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `粘贴 ${info.project.name}` })).toBeVisible();
  await expect(page.getByRole('link', { name: '沃顿科技股份有限公司' })).toBeVisible();
  await page.getByRole('button', { name: '删除' }).click();
  await expect(page.getByText('名单已删除')).toBeVisible();
  expect(unexpected(said)).toEqual([]);
});
