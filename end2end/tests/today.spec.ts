import { expect, test } from '@playwright/test';
import { accessible, complaints, open, signIn } from './support';

test('the day shows what waits, and every count opens the list that it counts', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'leader', '/today');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/\d+ 月 \d+ 日 周./);
  const overview = page.getByRole('navigation', { name: '今日概览' });
  for (const name of ['阶段超时', '首报临期', '静默满 14 天', '明日走访']) {
    await expect(overview.getByRole('link', { name })).toBeVisible();
  }
  await accessible(page, 'today', info);
  // Each section that has leads says how many there are, and its list holds as many.
  let opened = 0;
  for (const part of ['late', 'silent', 'lapsing']) {
    await open(page, '/today');
    const count = Number((await overview.locator(`a[href="#${part}"] b`).innerText()).replaceAll(',', ''));
    const all = page.locator(`#${part} > header`).getByRole('link');
    if (count === 0) {
      await expect(all).toHaveCount(0);
      continue;
    }
    await expect(all).toHaveText(`全部 ${count} 件`);
    await all.click();
    await page.waitForURL(new RegExp(`${part}=true`));
    const rows = page.getByRole('region', { name: '线索列表' }).locator('tbody tr');
    await expect(rows).toHaveCount(Math.min(count, 50));
    opened += 1;
  }
  expect(opened).toBeGreaterThan(0);
  expect(said).toEqual([]);
});

test('an officer sees the own day and the bureau\'s', async ({ page }) => {
  const said = complaints(page);
  await signIn(page, 'officer-east', '/today');
  const whose = page.getByRole('navigation', { name: '看谁的' });
  await expect(whose.getByRole('link')).toHaveText(['我的', '长三角分局']);
  await expect(whose.getByRole('link', { name: '长三角分局' })).toHaveAttribute('aria-current', 'true');
  await whose.getByRole('link', { name: '我的' }).click();
  await page.waitForURL(/mine=true/);
  await expect(whose.getByRole('link', { name: '我的' })).toHaveAttribute('aria-current', 'true');
  // A bureau's day that is not theirs is not there.
  const answer = await page.goto('/today?bureau_id=999999');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('navigation', { name: '今日概览' })).toHaveCount(0);
  expect(said.filter((line) => !line.includes('404'))).toEqual([]);
});
