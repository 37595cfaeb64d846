import { expect, test, type Page } from '@playwright/test';
import { accessible, complaints, open, ready, signIn, unexpected } from './support';

/** Registers a lead of the first company of the finder that nobody follows, and opens its page. */
async function lead(page: Page, title: string): Promise<string> {
  const made = await page.evaluate(async (name) => {
    const ask = async (path: string, body: unknown) => {
      const answer = await fetch(`/api/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      return answer.ok ? await answer.json() : null;
    };
    const list = await (await fetch('/api/v1/enterprises?is_local=false')).json();
    for (const row of list.rows) {
      const id = await ask('register_lead', { new: { enterprise_id: row.id, chain_node_id: null, title: name, source: '展会' } });
      if (typeof id === 'number') return id;
    }
    return null;
  }, title);
  expect(made).not.toBeNull();
  await open(page, `/leads/${made}`);
  return `/leads/${made}`;
}

async function remove(page: Page, reason: string) {
  await page.locator('summary', { hasText: '更多' }).click();
  await page.getByRole('button', { name: '删除', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('原因').fill(reason);
  await form.getByRole('button', { name: '删除', exact: true }).click();
  await page.waitForURL(/\/leads\/list/);
}

test('a lead goes into the bin, comes back by the toast, and from the bin', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-east', '/leads/list');
  const title = `回收示例 ${info.project.name}`;
  const address = await lead(page, title);
  const company = await page.getByRole('heading', { level: 1 }).innerText();

  // Without a reason nothing happens.
  await page.locator('summary', { hasText: '更多' }).click();
  await page.getByRole('button', { name: '删除', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: '删除', exact: true }).click();
  await expect(form.getByLabel('原因')).toHaveAttribute('aria-invalid', 'true');
  await accessible(page, 'delete-form', info);
  await form.getByRole('button', { name: '取消' }).click();
  await page.locator('summary', { hasText: '更多' }).click();

  await remove(page, '重复登记');
  const toast = page.getByRole('status').filter({ hasText: `已删除：${company}` });
  await expect(toast).toBeVisible();
  await toast.getByRole('button', { name: '撤销' }).click();
  await page.waitForURL((url) => url.pathname === address);
  await expect(page.getByRole('status').filter({ hasText: '已撤销' })).toBeVisible();
  await expect(page.locator('.timeline').getByText('重复登记')).toBeVisible();

  await remove(page, '还是重复');
  await open(page, '/bin');
  const row = page.getByRole('region', { name: '回收站' }).locator('tbody tr', { hasText: title });
  await expect(row).toContainText('还是重复');
  await expect(row.getByRole('button', { name: '彻底清除' })).toHaveCount(0);
  await accessible(page, 'bin', info);
  await row.getByRole('button', { name: `恢复${company}` }).click();
  await expect(row).toHaveCount(0);
  await open(page, address);
  await expect(page.getByRole('heading', { level: 1, name: company })).toBeVisible();

  // Its history is one click away, in words.
  await page.locator('summary', { hasText: '更多' }).click();
  await page.getByRole('link', { name: '操作记录' }).last().click();
  await page.waitForURL(/\/audit\?entity=lead/);
  const rows = page.getByRole('region', { name: '操作记录' }).locator('tbody tr');
  await expect(rows.first()).toContainText('恢复');
  await expect(rows.nth(1)).toContainText('已删除：否 → 是');
  await accessible(page, 'audit-lead', info);
  expect(unexpected(said)).toEqual([]);
});

test('a change of fields is taken back by its toast', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-east', '/leads/list');
  await lead(page, `撤销示例 ${info.project.name}`);
  await page.getByRole('button', { name: '修改' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('用地（亩）').fill('66.5');
  await form.getByRole('button', { name: '保存' }).click();
  await expect(page.locator('.sum').getByText('66.5')).toBeVisible();
  await page.getByRole('status').filter({ hasText: '已保存' }).getByRole('button', { name: '撤销' }).click();
  await expect(page.locator('.sum').getByText('66.5')).toHaveCount(0);
  expect(unexpected(said)).toEqual([]);
});

test('the audit is filtered by kind and taken away', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'leader', '/audit');
  await expect(page.getByRole('heading', { level: 1, name: '操作记录' })).toBeVisible();
  const region = page.getByRole('region', { name: '操作记录' });
  await expect(region.locator('tbody tr')).toHaveCount(50);
  await accessible(page, 'audit', info);
  const oldest = await region.locator('tbody tr').last().innerText();
  await page.getByRole('link', { name: '更早' }).click();
  await page.waitForURL(/before=/);
  await expect(region.locator('tbody tr').last()).not.toHaveText(oldest);
  await page.getByLabel('对象类型').selectOption({ label: '账号' });
  await page.getByRole('button', { name: '筛选' }).click();
  await page.waitForURL(/entity=account/);
  await ready(page);
  await expect(region.locator('tbody tr').first()).toContainText('账号');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('audit.csv');
  const text = Buffer.concat(await (await file.createReadStream())!.toArray()).toString('utf8');
  expect(text.split('\n')[0]).toContain('改前');
  expect(text).not.toContain('线索');
  expect(unexpected(said)).toEqual([]);
});

test('a token is made, shown once, reads and does not write, and is revoked', async ({ page, request }, info) => {
  const said = complaints(page);
  const name = `脚本 ${info.project.name}`;
  await signIn(page, 'officer-east', '/settings/tokens');
  await page.getByLabel('有效天数').fill('366');
  await page.getByLabel('用途').fill(name);
  await page.getByRole('button', { name: '新建令牌' }).click();
  await expect(page.getByLabel('有效天数')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('有效天数').fill('30');
  await page.getByRole('button', { name: '新建令牌' }).click();
  const secret = await page.getByLabel('令牌', { exact: true }).inputValue();
  expect(secret).toMatch(/^wutong_[0-9a-f]{64}$/);
  const row = page.getByRole('region', { name: '我的令牌' }).locator('tbody tr', { hasText: name });
  await expect(row).toContainText('只读');
  await accessible(page, 'tokens', info);
  const headers = { authorization: `Bearer ${secret}` };
  expect((await request.get('/api/v1/leads', { headers })).status()).toBe(200);
  const refused = await request.post('/api/v1/leads', { headers, data: {} });
  expect(refused.status()).toBe(403);
  expect((await refused.json()).code).toBe('token_scope');
  await open(page, '/settings/tokens');
  await expect(page.getByLabel('令牌', { exact: true })).toHaveCount(0);
  await row.getByRole('button', { name: `吊销${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: '吊销' }).click();
  await expect(row).toHaveCount(0);
  expect((await request.get('/api/v1/leads', { headers })).status()).toBe(401);
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});
