import { expect, type Page, test } from '@playwright/test';
import { accessible, complaints, open, ready, signIn } from './support';

async function openChain(page: Page, login: string, name: string): Promise<string> {
  await signIn(page, login, '/');
  await page.getByRole('link', { name }).click();
  await page.waitForURL(/\/chains\/\d+/);
  return new URL(page.url()).pathname;
}

const LIST = `from,to,relation
钒电解液,五氧化二钒,input
钒电解液,示例去离子水,input
钒电解液,示例储能柜,output
钒电解液,高纯钒电解液,subclass
钒电解液,钒电解液,input
`;

test('the map moves: scale, drag, find, walk, fold, filter, and leaves as a picture', async ({ page }, info) => {
  const said = complaints(page);
  await openChain(page, 'leader', '钒电池储能');
  const map = page.locator('svg.map');
  const viewport = page.locator('.viewport');
  const scale = page.locator('.zoom').getByRole('button').nth(1);
  await expect(scale).toHaveText('适应');

  // Keys and buttons scale, and 0 fits again.
  await viewport.focus();
  for (let press = 0; press < 6; press += 1) await page.keyboard.press('+');
  await expect(scale).toHaveText(/^\d+ %$/);
  const wide = (await map.boundingBox())!.width;
  await page.getByRole('button', { name: '缩小' }).click();
  await expect.poll(async () => (await map.boundingBox())!.width).toBeLessThan(wide);

  // Dragging scrolls, and the end of a drag opens nothing. A finger scrolls by the browser's own means.
  if (info.project.name === 'desktop') {
    const box = (await viewport.boundingBox())!;
    const before = await viewport.evaluate((element) => element.scrollLeft);
    await page.mouse.move(box.x + box.width / 2, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 80, box.y + 200, { steps: 8 });
    await page.mouse.up();
    await expect.poll(() => viewport.evaluate((element) => element.scrollLeft)).toBeGreaterThan(before);
    expect(page.url()).not.toContain('node=');
  }
  await viewport.focus();
  await page.keyboard.press('0');
  await expect(scale).toHaveText('适应');

  // `/` finds, Enter goes there, arrows walk along the edges, Enter opens, Escape closes.
  await page.keyboard.press('/');
  await page.keyboard.type('钒电解液');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-node="electrolyte"]')).toBeFocused();
  await expect(page.locator('[data-node="membrane"]')).toHaveAttribute('data-off', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('[data-node="v2o5"]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: '环节详情' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary', { name: '环节详情' })).toHaveCount(0);
  await page.locator('#map-find').fill('');

  // Groups fold into boxes and unfold with a click.
  await page.locator('summary', { hasText: '折叠' }).click();
  await page.getByRole('checkbox', { name: /上游 · 钒资源/ }).check();
  const folded = page.getByRole('button', { name: /钒资源，折叠的 6 个环节/ });
  await expect(folded).toBeVisible();
  await expect(page.locator('[data-node="v2o5"]')).toHaveCount(0);
  await page.locator('summary', { hasText: '折叠' }).click();
  await accessible(page, 'map-folded', info);
  await folded.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-node="v2o5"]')).toBeVisible();

  // Only what nobody follows stays in the light.
  await page.getByLabel('按在跟分局筛选').selectOption({ label: '无人在跟' });
  await expect(page.locator('[data-node="membrane"]')).toHaveAttribute('data-off', 'true');
  await expect(page.locator('[data-node="v2o5"]')).not.toHaveAttribute('data-off', 'true');
  await page.getByLabel('按在跟分局筛选').selectOption({ label: '有在跟线索' });
  await expect(page.locator('[data-node="membrane"]')).not.toHaveAttribute('data-off', 'true');

  await page.locator('summary', { hasText: '导出' }).click();
  const picture = page.waitForEvent('download');
  await page.getByRole('button', { name: 'PNG 图片' }).click();
  const saved = await picture;
  expect(saved.suggestedFilename()).toBe('钒电池储能.png');
  const bytes = await (await saved.createReadStream())!.toArray();
  expect(Buffer.concat(bytes).subarray(1, 4).toString()).toBe('PNG');
  expect(Buffer.concat(bytes).length).toBeGreaterThan(20_000);
  expect(said).toEqual([]);
});

test('a lead is dragged onto the map and lands', async ({ page }, info) => {
  test.skip(info.project.name === 'phone', 'a finger takes it into the form with a tap');
  const address = await openChain(page, 'leader', '钒电池储能');
  await open(page, `${address}/what-if`);
  await page.getByLabel('年产值（亿元）').fill('300');
  const lead = page.locator('.pieces li').filter({ hasText: '液流电池离子交换膜项目' });
  await lead.dragTo(page.locator('[data-node="membrane"]'));
  const landed = page.getByRole('complementary', { name: '落地项目' }).getByRole('row', { name: /液流电池离子交换膜项目/ });
  await expect(landed).toBeVisible();
  await expect(page.getByRole('row', { name: /离子交换膜 断链/ })).toBeVisible();
  await landed.getByRole('button', { name: '移除' }).click();
  await expect(page.getByText('没有可见的变化')).toBeVisible();
});

test('the reference graph is loaded, looked at, and proposes', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'admin', '/reference');
  await page.getByLabel('关系表（CSV）').setInputFiles({ name: 'odd.csv', mimeType: 'text/csv', buffer: Buffer.from('甲,乙\n1,2\n') });
  await page.getByRole('button', { name: '载入' }).click();
  await expect(page.getByRole('alert')).toContainText('表头缺少“from”列');
  await ready(page);
  await page.getByLabel('关系表（CSV）').setInputFiles({ name: 'products.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST) });
  await page.getByRole('button', { name: '载入' }).click();
  await expect(page.getByText('5 行，采用 4 行')).toBeVisible();
  await ready(page);
  await page.getByText('未采用 1 行').click();
  await expect(page.getByRole('cell', { name: '指向自己' })).toBeVisible();
  await page.getByRole('main').getByPlaceholder('查产品').fill('钒电解液');
  await page.getByRole('button', { name: '搜索' }).click();
  await expect(page.getByRole('heading', { level: 2, name: '钒电解液' })).toBeVisible();
  await expect(page.getByRole('link', { name: '示例去离子水' })).toBeVisible();
  await accessible(page, 'reference', info);

  await open(page, '/');
  await page.getByRole('link', { name: '钒电池储能' }).click();
  await page.waitForURL(/\/chains\/\d+/);
  await open(page, `${new URL(page.url()).pathname}/edit`);
  await page.getByLabel('产品或环节').fill('钒电解液');
  await page.getByRole('button', { name: '查建议' }).click();
  const row = page.getByRole('row', { name: /加投入环节 示例去离子水/ });
  await row.getByRole('button', { name: '采纳' }).click();
  await expect(page.getByText('已存入草稿').first()).toBeVisible();
  await expect(page.locator('.node.draft').filter({ hasText: '示例去离子水' })).toBeVisible();
  await accessible(page, 'edit-map', info);
  await page.getByRole('button', { name: '弃掉草稿' }).click();
  await expect(page.locator('.node.draft').filter({ hasText: '示例去离子水' })).toHaveCount(0);
  expect(said).toEqual([]);
});

test('a chain is drawn: begun, edited on the map, ordered, filled from a file', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'admin', '/');
  await page.getByRole('link', { name: '新建链' }).click();
  await page.waitForURL('**/chains/new');
  await ready(page);
  await page.getByRole('button', { name: '新建' }).click();
  await expect(page.getByText('必填').first()).toBeVisible();
  const code = `drawn-${info.project.name}`;
  await page.getByLabel('名称').fill(`手绘链 ${info.project.name}`);
  await page.getByLabel('代码').fill(code);
  await page.getByLabel('首个环节').fill('示例原料');
  await accessible(page, 'new-chain', info);
  await page.getByRole('button', { name: '新建' }).click();
  await page.waitForURL(/\/chains\/\d+\/edit/);
  const address = new URL(page.url()).pathname;

  // A second node by the form, which says at once what is no number.
  await page.getByRole('button', { name: '加环节' }).first().click();
  const form = page.getByRole('dialog');
  await form.getByLabel('代码').fill('n2');
  await form.getByLabel('名称').fill('示例成品');
  await form.getByLabel('段位').selectOption('downstream');
  await form.getByLabel('政策优先 p').fill('高');
  await expect(form.getByText('不是数字')).toBeVisible();
  await expect(form.getByRole('button', { name: '存入草稿' })).toBeDisabled();
  await form.getByLabel('政策优先 p').fill('0.5');
  await form.getByRole('button', { name: '存入草稿' }).click();
  const second = page.locator('.node.draft').filter({ hasText: '示例成品' });
  await expect(second).toBeVisible();

  // Joined on the map with the keyboard, opened at the line, and given a coefficient.
  await page.locator('.node.draft').filter({ hasText: '示例原料' }).focus();
  await page.keyboard.press('c');
  await expect(page.getByText('请点投入去向的环节')).toBeVisible();
  await second.focus();
  await page.keyboard.press('Enter');
  const edge = page.getByRole('button', { name: '关系：示例原料 → 示例成品' });
  // A straight line has no height, which counts as hidden.
  await expect(edge).toBeAttached();
  await edge.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel('投入系数 a').fill('0.25');
  await page.getByRole('dialog').getByRole('button', { name: '存入草稿' }).click();
  await expect(page.getByRole('row', { name: /示例原料 示例成品 0.25/ })).toBeVisible();

  // The order of lists, and back.
  const rows = page.getByRole('region', { name: '环节' }).locator('tbody tr');
  await rows.nth(1).getByRole('button', { name: '上移' }).click();
  await expect(rows.first()).toContainText('示例成品');
  await page.getByRole('button', { name: /^撤销/ }).click();
  await expect(rows.first()).toContainText('示例原料');

  // A file in the draft's place: faults come back with their rows, a good one is a step like any other.
  const upload = async (text: string) => {
    await page.getByLabel('文件').setInputFiles({ name: 'chain.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('button', { name: '上传' }).click();
    await page.waitForURL(/\/chains\/\d+\/edit/);
    await ready(page);
  };
  const head = `kind,code,name,stage,from,to\nchain,${code},手绘链 ${info.project.name},,,\nnode,a,甲材料,上游,,\nnode,b,乙部件,中游,,\n`;
  await upload(`${head}edge,,,,a,b\nedge,,,,b,a\n`);
  await expect(page.getByRole('alert')).toContainText('a');
  await open(page, address);
  await upload(`${head}edge,,,,a,b\n`);
  await expect(page.locator('.node.draft').filter({ hasText: '乙部件' })).toBeVisible();
  await page.getByRole('button', { name: '发布' }).click();
  await expect(page.getByText('已发布').first()).toBeVisible();
  await open(page, address.replace('/edit', ''));
  await expect(page.locator('[data-node="b"]')).toBeVisible();
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});
