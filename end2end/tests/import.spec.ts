import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { accessible, complaints, open, ready, signIn, unexpected } from './support';

/** Sends a file and waits for its dry run. */
async function upload(page: Page, file: string) {
  await open(page, '/imports');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: '上传并核对' }).click();
  await ready(page);
  await expect(page.getByText('试运行，未写入任何数据')).toBeVisible();
}

/** A word that no other run has, in characters that a name may have. */
const mark = (project: string) => `${project}${Date.now().toString(36)}`;

test('columns are remembered, and there is a way back', async ({ page }, info) => {
  const said = complaints(page);
  const own = mark(info.project.name);
  await signIn(page, 'officer-east', '/imports');
  const file = info.outputPath('名录.csv');
  writeFileSync(file, `企业名称,备注${own},省份\n示例记列${own}有限公司,苏州市,江苏\n`);
  await upload(page, file);
  const field = page.getByLabel(`“备注${own}”列对应的字段`);
  await expect(field).toHaveValue('');
  await field.selectOption({ label: '市' });
  await expect(field).toHaveValue('city');
  await page.getByRole('button', { name: '导入 1 行' }).click();
  await expect(page.getByText(/导入完成/)).toBeVisible({ timeout: 30_000 });
  await upload(page, file);
  await expect(page.getByText(/沿用上次的对应/)).toBeVisible();
  await expect(field).toHaveValue('city');
  await accessible(page, 'import-remembered', info);
  await page.getByRole('button', { name: '改回自动识别' }).click();
  await expect(page.getByText(/沿用上次的对应/)).toHaveCount(0);
  await expect(field).toHaveValue('');
  expect(unexpected(said)).toEqual([]);
});

test('refused rows are found by key, mended and sent again', async ({ page }, info) => {
  const said = complaints(page);
  const own = mark(info.project.name);
  await signIn(page, 'officer-east', '/imports');
  const file = info.outputPath('名录.csv');
  const good = Array.from({ length: 5 }, (_, index) => `示例好行${own}第${index}有限公司,江苏,\n`).join('');
  writeFileSync(file, `企业名称,省份,备注\n${good},江苏,=cmd|' /C calc'!A0\n示例好行${own}第0有限公司,江苏,重\n`);
  await upload(page, file);
  if (info.project.name !== 'phone') {
    await page.keyboard.press('n');
    await expect(page.locator('.prev tr:focus')).toHaveText(/^\s*7\D/);
    await page.keyboard.press('n');
    await expect(page.locator('.prev tr:focus')).toHaveText(/^\s*8\D/);
    await page.keyboard.press('n');
    await expect(page.locator('.prev tr:focus')).toHaveText(/^\s*7\D/);
  }
  await page.getByRole('tab', { name: /^拒绝/ }).click();
  await expect(page.getByText('企业名称为空').first()).toBeVisible();
  await page.getByRole('tab', { name: /^更新/ }).click();
  await expect(page.getByText('没有这样的行。')).toBeVisible();
  await page.getByRole('button', { name: '导入 5 行' }).click();
  await expect(page.getByText(/导入完成/)).toBeVisible({ timeout: 30_000 });
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: '问题行 CSV' }).click();
  const text = readFileSync(await (await download).path(), 'utf8');
  expect(text).toContain('企业名称,省份,备注,行号,字段,原因');
  expect(text).toContain("'=cmd|");
  const book = page.waitForEvent('download');
  await page.getByRole('link', { name: '问题行 XLSX' }).click();
  expect((await book).suggestedFilename()).toMatch(/^refused-.*\.xlsx$/);
  const mended = info.outputPath('refused.csv');
  writeFileSync(mended, text.replace(/\n,江苏/, `\n示例改好${own}有限公司,江苏`));
  await upload(page, mended);
  await expect(page.getByText(/行号指原文件的行/)).toBeVisible();
  await expect(page.locator('.prev tbody tr').first()).toHaveText(/^\s*7\D/);
  await expect(page.locator('.map tbody tr')).toHaveCount(3);
  await accessible(page, 'import-mended', info);
  expect(unexpected(said)).toEqual([]);
});

test('an import is taken back, and what has a lead stays', async ({ page }, info) => {
  const said = complaints(page);
  const own = mark(info.project.name);
  await signIn(page, 'officer-east', '/imports');
  const file = info.outputPath('名录.csv');
  writeFileSync(file, `企业名称,省份\n示例撤销${own}甲有限公司,江苏\n示例撤销${own}乙有限公司,江苏\n`);
  await upload(page, file);
  await page.getByRole('button', { name: '导入 2 行' }).click();
  await expect(page.getByText(/导入完成/)).toBeVisible({ timeout: 30_000 });
  const address = page.url();
  // A lead on one of them.
  const company = `示例撤销${own}甲有限公司`;
  await expect(async () => {
    await page.goto(`/enterprises?q=${encodeURIComponent(company)}`);
    await expect(page.getByRole('link', { name: company })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  await ready(page);
  await page.getByRole('link', { name: company }).click();
  await page.getByRole('button', { name: '建线索' }).click();
  await page.waitForURL(/\/leads\/\d+/);
  await open(page, new URL(address).pathname);
  await page.getByRole('button', { name: '撤销此次导入' }).click();
  const dialog = page.getByRole('dialog', { name: '撤销此次导入' });
  await expect(dialog.getByText('将删除 1 家、还原 0 家、保留 1 家')).toBeVisible();
  await expect(dialog.getByText('已有线索或首报')).toBeVisible();
  await accessible(page, 'import-undo', info);
  await dialog.getByRole('button', { name: '撤销', exact: true }).click();
  await expect(page.getByText(/已撤销：林演示/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('link', { name: company })).toBeVisible();
  await expect(page.getByRole('button', { name: '撤销此次导入' })).toHaveCount(0);
  await accessible(page, 'import-undone', info);
  expect(unexpected(said)).toEqual([]);
});
