import { expect, test } from '@playwright/test';

test('the login page answers in Chinese', async ({ page }) => {
  const answer = await page.goto('/login');
  expect(answer?.status()).toBe(200);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page).toHaveTitle(/梧桐/);
  await expect(page.locator('input[type=password]')).toBeVisible();
});
