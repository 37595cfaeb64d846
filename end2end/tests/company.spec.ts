import { expect, test } from '@playwright/test';
import { accessible, complaints, signIn, unexpected } from './support';

test('a company’s page: written by hand with its source, taken back, and what surrounds it', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-east', '/enterprises?q=%E8%86%9C');
  await page.locator('.enterprise-list').getByRole('link').filter({ hasText: '示例' }).first().click();
  const facts = page.locator('.facts.from');
  await expect(facts.getByText('演示名录').first()).toBeVisible();
  for (const panel of ['本地上下游', '同类企业', '所在位置', '扩张与风险信号']) {
    await expect(page.getByRole('heading', { name: panel })).toBeVisible();
  }
  await expect(page.getByRole('group', { name: '所在位置' })).toBeVisible();
  await accessible(page, 'company', info);

  await page.getByRole('button', { name: '编辑', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('员工数').fill('三百');
  await form.getByRole('button', { name: '保存', exact: true }).click();
  await expect(form.getByText('不是数字，或是负数').first()).toBeVisible();
  await form.getByLabel('员工数').fill('4321');
  await form.getByLabel(/^标签/).fill('瞪羚\n研发外包');
  await form.getByLabel(/^生产基地等场所/).fill('研发中心：深圳市南山区\n陕西西安');
  await form.getByLabel(/^依据/).fill('6 月走访');
  await accessible(page, 'company-form', info);
  await form.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('企业资料已保存')).toBeVisible();
  await expect(facts.getByText('4,321')).toBeVisible();
  await expect(facts.getByText(/林演示 · 6 月走访/).first()).toBeVisible();
  await expect(page.getByText('深圳市南山区')).toBeVisible();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(page.getByText('已撤销', { exact: true })).toBeVisible();
  await expect(facts.getByText('4,321')).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});

test('a question to the finder is kept under a name, shared, opened by a colleague and removed', async ({ page, browser }, info) => {
  const said = complaints(page);
  const name = `膜企业 ${info.project.name}`;
  await signIn(page, 'officer-east', '/targets?q=%E7%A6%BB%E5%AD%90%E4%BA%A4%E6%8D%A2%E8%86%9C');
  // Cities as points: one is chosen with a click.
  await page.getByRole('radio', { name: /市$/ }).check({ force: true });
  const map = page.getByRole('group', { name: '企业所在城市' });
  await expect(map).toBeVisible();
  await accessible(page, 'targets-cities', info);
  // The smallest lies on top.
  await map.getByRole('link').last().click();
  await expect(page).toHaveURL(/place=/);
  await page.getByRole('button', { name: '保存查询' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('名称').fill(name);
  await form.getByLabel('与本分局共享').check();
  await form.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('查询已保存')).toBeVisible();

  const context = await browser.newContext();
  const other = await context.newPage();
  await signIn(other, 'officer-east-2', '/targets');
  const list = other.getByRole('region', { name: '已存查询' });
  const row = list.getByRole('row', { name: new RegExp(name) });
  await expect(row.getByRole('button')).toHaveCount(0);
  await row.getByRole('link', { name }).click();
  await expect(other).toHaveURL(/q=.*place=/);
  await context.close();

  await page.goto('/targets');
  await accessible(page, 'targets-saved', info);
  const own = page.getByRole('region', { name: '已存查询' });
  await own.getByRole('button', { name: `删除查询“${name}”` }).click();
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(own.getByRole('row', { name: new RegExp(name) })).toBeVisible();
  await own.getByRole('button', { name: `删除查询“${name}”` }).click();
  await expect(page.getByText(name, { exact: true })).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});
