import { expect, test, type Locator, type Page } from '@playwright/test';
import { accessible, complaints, open, signIn, unexpected } from './support';

const rows = (page: Page) => page.getByRole('region', { name: '线索列表' }).locator('tbody tr');
const views = (page: Page) => page.getByRole('navigation', { name: '视图' });
const heads = (page: Page) => page.getByRole('region', { name: '线索列表' }).locator('thead th');

/** The chip is one of the list's toggles. */
const late = (page: Page) => page.getByRole('search').getByRole('button', { name: '阶段超时' });

test('a view is saved, changed, shared, deleted and brought back', async ({ page, browser }, info) => {
  const said = complaints(page);
  const name = `周会 ${info.project.name}`;
  await signIn(page, 'officer-east', '/leads/list');
  await late(page).click();
  await page.waitForURL(/late=true/);
  await page.getByRole('button', { name: '另存为视图' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: '保存' }).click();
  await expect(form.getByText('必填')).toBeVisible();
  await form.getByLabel('视图名称').fill(name);
  await form.getByLabel('谁可以看').selectOption({ label: '本分局' });
  await accessible(page, 'view-form', info);
  await form.getByRole('button', { name: '保存' }).click();
  await page.waitForURL(/view=\d+$/);
  await expect(views(page).getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
  await expect(late(page)).toHaveAttribute('aria-pressed', 'true');
  const address = new URL(page.url()).pathname + new URL(page.url()).search;

  // Other filters: the view is marked as changed, and the link tells both.
  await late(page).click();
  await page.waitForURL(/view=\d+&order=recent/);
  await expect(page.getByText('已修改', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: '还原' }).click();
  await expect(page.getByText('已修改', { exact: true })).toHaveCount(0);
  await expect(late(page)).toHaveAttribute('aria-pressed', 'true');
  await page.getByLabel('排序').selectOption({ label: '静默最久' });
  await page.waitForURL(/order=silent/);
  await page.getByRole('button', { name: '更新视图' }).click();
  await expect(page.getByText('视图已更新')).toBeVisible();
  await expect(page.getByLabel('排序')).toHaveValue('silent');
  await accessible(page, 'view', info);

  // A colleague has it, another bureau does not.
  const other = await browser.newPage({ locale: 'zh-CN' });
  await signIn(other, 'officer-east-2', address);
  await expect(views(other).getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
  await expect(other.getByRole('button', { name: '删除视图' })).toHaveCount(0);
  await other.context().clearCookies();
  await signIn(other, 'officer-west', '/leads/list');
  await expect(views(other).getByRole('link', { name })).toHaveCount(0);
  const answer = await other.goto(address);
  expect(answer?.status()).toBe(404);
  await expect(other.getByText('它不存在，或不在您可以看到的范围内。')).toBeVisible();
  await other.close();

  await page.getByRole('button', { name: '删除视图' }).click();
  await expect(views(page).getByRole('link', { name })).toHaveCount(0);
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await expect(views(page).getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
  await page.getByRole('button', { name: '删除视图' }).click();
  await expect(views(page).getByRole('link', { name })).toHaveCount(0);
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});

test('columns are chosen by keyboard, stay on the server, and files follow', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'officer-west', '/leads/list');
  await page.getByRole('button', { name: '列', exact: true }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: '恢复默认' }).click();
  await expect(form.getByLabel('企业', { exact: true })).toBeDisabled();
  await accessible(page, 'columns', info);
  await form.getByLabel('来源', { exact: true }).check();
  await form.getByLabel('项目名称', { exact: true }).uncheck();
  const up = form.getByRole('button', { name: '上移 阶段', exact: true });
  await up.focus();
  await page.keyboard.press('Enter');
  await expect(up).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(up).toBeFocused();
  await expect(form.getByRole('listitem').first()).toContainText('阶段');
  await form.getByRole('button', { name: '保存' }).click();
  await expect(page.getByText('列已保存')).toBeVisible();
  // The first head is the box that chooses the page.
  await expect(heads(page).nth(1)).toHaveText('阶段');
  await expect(heads(page).nth(2)).toHaveText('企业');
  await expect(heads(page).filter({ hasText: '来源' })).toHaveCount(1);
  await expect(heads(page).filter({ hasText: '项目名称' })).toHaveCount(0);
  await open(page, '/leads/list');
  await expect(heads(page).nth(1)).toHaveText('阶段');
  await page.locator('summary', { hasText: '导出' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const text = Buffer.concat(await (await (await download).createReadStream())!.toArray()).toString('utf8');
  expect(text.split('\n')[0].replace('\ufeff', '')).toMatch(/^阶段,企业,状态,.*来源/);
  await accessible(page, 'lead-list-columns', info);
  expect(unexpected(said)).toEqual([]);
});

test('chosen leads are changed together, and taken back', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'chief-east', '/leads/list');
  const boxes = rows(page).getByRole('checkbox');
  const count = await boxes.count();
  expect(count).toBeGreaterThan(2);
  const bar = page.getByRole('group', { name: '批量修改' });
  await expect(bar).toBeHidden();
  await page.getByLabel('选择本页').check();
  await expect(bar.getByText(`已选 ${count} 条`)).toBeVisible();
  await bar.getByRole('button', { name: '取消选择' }).click();
  await expect(bar).toBeHidden();
  // From the first to the third with Shift.
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ['Shift'] });
  await expect(bar.getByText('已选 3 条')).toBeVisible();
  await expect(boxes.nth(1)).toBeChecked();
  await accessible(page, 'bulk-bar', info);

  await bar.getByRole('button', { name: '批量修改' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('改什么').selectOption({ label: '退回阶段' });
  await expect(form.getByText('批量只能退回；推进要逐条附证据。')).toBeVisible();
  await form.getByLabel('改什么').selectOption({ label: '状态' });
  await form.getByRole('button', { name: '保存' }).click();
  await expect(form.getByText('必填')).toBeVisible();
  await form.getByLabel('原因').fill(`等指标 ${info.project.name}`);
  await accessible(page, 'bulk-form', info);
  await form.getByRole('button', { name: '保存' }).click();
  const result = page.getByRole('region', { name: '批量修改结果' });
  await expect(result).toBeFocused();
  await expect(result.getByText(/完成 \d+ 条，本来如此 \d+ 条，拒绝 \d+ 条/)).toBeVisible();
  await accessible(page, 'bulk-result', info);
  await result.getByRole('button', { name: '撤销' }).click();
  const undone = page.getByRole('region', { name: '撤销结果' });
  await expect(undone.getByText(/拒绝 0 条/)).toBeVisible();
  await undone.getByRole('button', { name: '关闭' }).click();
  await expect(undone).toHaveCount(0);
  expect(said.filter((line) => !line.includes('422'))).toEqual([]);
});

test('who writes no lead has nothing to choose', async ({ page }) => {
  await signIn(page, 'leader', '/leads/list');
  await expect(rows(page).first()).toBeVisible();
  await expect(rows(page).getByRole('checkbox')).toHaveCount(0);
  await open(page, '/leads/list');
  await expect(page.getByRole('button', { name: '另存为视图' })).toBeVisible();
});

/** Moves a pointer from one place to others as a finger or a mouse would; Playwright's touchscreen cannot. */
async function drag(from: Locator, kind: 'touch' | 'mouse', to: Locator, isLetGo: boolean) {
  // Near its side the board goes on by itself, as far as it is held there.
  await from.page().locator('.board .board').evaluate((board) => { board.scrollLeft = 0; });
  const target = (await to.boundingBox())!;
  // On the phone the next column is in view only by its edge.
  const right = from.page().viewportSize()!.width - 20;
  await from.evaluate(
    (element, { kind, x, y, isLetGo }) => {
      const box = element.getBoundingClientRect();
      const [left, top] = [box.x + box.width / 2, box.y + box.height / 2];
      const send = (type: string, clientX: number, clientY: number) =>
        element.dispatchEvent(
          new PointerEvent(type, { bubbles: true, cancelable: true, pointerId: 5, isPrimary: true, pointerType: kind, button: 0, clientX, clientY }),
        );
      send('pointerdown', left, top);
      for (let step = 1; step <= 8; step++) send('pointermove', left + ((x - left) * step) / 8, top + ((y - top) * step) / 8);
      if (isLetGo) send('pointerup', x, y);
    },
    { kind, x: Math.min(target.x + target.width / 2, right), y: target.y + Math.min(target.height / 2, 120), isLetGo },
  );
}

test('a card is dragged by finger and by mouse, and the column says what it asks for', async ({ page }, info) => {
  const said = complaints(page);
  await signIn(page, 'chief-east', '/leads');
  const column = page.locator('[data-column=lead]');
  const next = page.locator('[data-column=screened]');
  const card = column.locator('.card').first();
  await card.scrollIntoViewIfNeeded();
  const kind = info.project.name === 'phone' ? 'touch' : 'mouse';
  const handle = kind === 'touch' ? card.locator('.grip') : card;

  if (kind === 'touch') {
    // Elsewhere on the card a finger scrolls.
    await drag(card.locator('.h'), 'touch', next, false);
    await expect(page.locator('.board[data-dragging]')).toHaveCount(0);
    await card.dispatchEvent('pointerup', { pointerId: 5, pointerType: 'touch', isPrimary: true });
  }
  await drag(handle, kind, next.locator('> header'), false);
  await expect(page.locator('.board[data-dragging]')).toHaveCount(1);
  await expect(next.locator('.slot')).toContainText('研判');
  await expect(next.locator('.slot')).toContainText('需');
  await page.screenshot({ path: `results/screens/${info.project.name}-board-drag.png` });
  await card.dispatchEvent('pointercancel', { pointerId: 5 });
  await expect(page.locator('.board[data-dragging]')).toHaveCount(0);
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await drag(handle, kind, next.locator('> header'), true);
  await expect(page.getByRole('dialog').getByRole('heading', { name: '推进到 研判' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(/\/leads$/);
  expect(unexpected(said)).toEqual([]);
});

test('leads chosen on two pages are changed together', async ({ page, request }) => {
  test.slow();
  const said = complaints(page);
  await signIn(page, 'officer-west', '/settings/tokens');
  await page.getByLabel('用途').fill('两页线索');
  await page.getByLabel('权限').selectOption({ label: '读写' });
  await page.getByRole('button', { name: '新建令牌' }).click();
  const headers = { authorization: `Bearer ${await page.getByLabel('令牌', { exact: true }).inputValue()}` };
  // A page has fifty; companies that somebody follows already are passed over.
  const made: number[] = [];
  for (let number = 0; made.length < 51; number++) {
    const { rows } = await (await request.get(`/api/v1/enterprises?page=${number}`, { headers })).json();
    expect(rows.length).toBeGreaterThan(0);
    for (const { id } of rows) {
      const answer = await request.post('/api/v1/leads', { headers, data: { enterprise_id: id, title: `两页试验 ${id}`, source: '展会' } });
      if (answer.status() === 201) made.push((await answer.json()).id);
      else expect(answer.status()).toBe(409);
      if (made.length >= 51) break;
    }
  }

  await open(page, '/leads/list?order=recent');
  const bar = page.getByRole('group', { name: '批量修改' });
  const boxes = rows(page).getByRole('checkbox');
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.getByRole('link', { name: '下一页' }).click();
  await page.waitForURL(/page=1/);
  await expect(boxes.nth(0)).not.toBeChecked();
  await boxes.nth(0).check();
  await expect(bar.getByText('已选 3 条')).toBeVisible();
  await page.goBack();
  await expect(boxes.nth(1)).toBeChecked();
  await expect(boxes.nth(2)).not.toBeChecked();
  await expect(bar.getByText('已选 3 条')).toBeVisible();
  await bar.getByRole('button', { name: '批量修改' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('改什么').selectOption({ label: '状态' });
  await form.getByLabel('原因').fill('两页一起');
  await form.getByRole('button', { name: '保存' }).click();
  const result = page.getByRole('region', { name: '批量修改结果' });
  await expect(result.getByText('完成 3 条，本来如此 0 条，拒绝 0 条')).toBeVisible();
  await result.getByRole('button', { name: '撤销' }).click();
  await expect(page.getByRole('region', { name: '撤销结果' })).toBeVisible();
  for (const id of made) {
    const version = (await (await request.get(`/api/v1/leads/${id}`, { headers })).json()).card.version;
    const gone = await request.delete(`/api/v1/leads/${id}`, { headers: { ...headers, 'if-match': `"${version}"` }, data: { reason: '试验结束' } });
    expect(gone.ok(), await gone.text()).toBe(true);
  }
  expect(unexpected(said)).toEqual([]);
});
