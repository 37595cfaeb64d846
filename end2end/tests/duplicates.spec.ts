import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { accessible, complaints, open, ready, signIn, unexpected } from './support';

/** 疑似重复: an import brings one company twice; it is found, merged, and two again. */
test('one company that came twice is found, merged, and taken apart again', async ({ page }, info) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  // Letters of its own for each project and run: both write to one database.
  const mark = [...`${info.project.name}${Date.now()}`]
    .map((one) => '甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥'[one.charCodeAt(0) % 22])
    .slice(-8)
    .join('');
  const long = `西安市${mark}钒电储能科技有限公司`;
  const short = `${mark}钒电储能科技有限公司`;
  const file = info.outputPath('两条.csv');
  writeFileSync(file, `企业名称,省份,城市,产品\n${long},陕西,西安,电解液\n${short},陕西,西安,钒电池\n`);
  await signIn(page, 'admin', '/imports');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: '上传并核对' }).click();
  await page.waitForURL(/\/imports\/\d+/);
  await ready(page);
  await page.getByRole('button', { name: '导入 2 行' }).click();
  await expect(page.getByText('导入完成')).toBeVisible({ timeout: 30_000 });

  // The background needs a few seconds.
  const list = `/enterprises/duplicates?text=${encodeURIComponent(mark)}`;
  await expect(async () => {
    await open(page, list);
    await expect(page.getByRole('link', { name: long, exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('疑似重复');
  const row = page.getByRole('row').filter({ hasText: mark });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('一边没写地名');
  await expect(row).toContainText('所在地相同');
  await accessible(page, 'duplicates', info);

  // A word on it, and back.
  await row.getByRole('button', { name: /不是同一家/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog.getByText('必填')).toBeVisible();
  await dialog.getByLabel('原因').fill('股东不同');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('没有符合筛选的')).toBeVisible();
  await page.getByRole('link', { name: /^不是同一家/ }).click();
  await page.waitForURL(/state=distinct/);
  await expect(page.getByRole('row').filter({ hasText: mark })).toContainText('股东不同');
  await page.getByRole('row').filter({ hasText: mark }).getByRole('button', { name: '重新待处理' }).click();
  await expect(page.getByRole('row').filter({ hasText: mark })).toHaveCount(0);

  // Side by side: only what differs asks for a choice.
  await open(page, list);
  await page.getByRole('row').filter({ hasText: mark }).getByRole('link', { name: /^合并/ }).click();
  await page.waitForURL(/\/enterprises\/merge/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('合并企业');
  const name = page.getByRole('radiogroup', { name: '企业名称：留下哪一个' });
  await name.getByRole('radio', { name: long, exact: true }).check();
  await expect(page.getByRole('radiogroup', { name: '省：留下哪一个' })).toHaveCount(0);
  await expect(page.getByText('两边都要')).toBeVisible();
  await accessible(page, 'merge', info);
  const other = new URL(page.url()).searchParams;
  await page.getByRole('button', { name: '合并', exact: true }).click();
  await page.waitForURL(/\/enterprises\/\d+$/);
  const kept = page.url();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(long);
  await expect(page.getByText(`曾用档案：${short}`)).toBeVisible();
  await expect(page.getByRole('cell', { name: '钒电池', exact: true }).first()).toBeVisible();
  await accessible(page, 'merged', info);
  // Either address leads to the kept company.
  for (const id of [other.get('left'), other.get('right')]) {
    await open(page, `/enterprises/${id}`);
    expect(page.url()).toBe(kept);
  }

  await page.getByRole('button', { name: `撤销与 ${short} 的合并` }).click();
  await page.getByRole('dialog').getByRole('button', { name: '撤销合并' }).click();
  await expect(page.getByText('已撤销合并')).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await open(page, `/enterprises/${other.get('right')}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(short);
  expect(unexpected(said)).toEqual([]);
});

test('who does not merge has no list of duplicates', async ({ page }) => {
  await signIn(page, 'viewer', '/enterprises');
  await expect(page.getByRole('link', { name: '疑似重复' })).toHaveCount(0);
  const answer = await page.goto('/enterprises/duplicates');
  expect(answer?.status()).toBe(403);
});
