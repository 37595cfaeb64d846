import { expect, test } from '@playwright/test';
import { open, ready, signIn } from './support';

/** What somebody might type to make another person's browser run something. Each would say so through `window.ran`. */
const RUN = 'window.ran=(window.ran||0)+1';
const PAYLOADS = [
  `<script>${RUN}</script>`,
  `"><script>${RUN}</script>`,
  `'><script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `</textarea><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `<ScRiPt>${RUN}</sCrIpT>`,
  `<script src="data:text/javascript,${RUN}"></script>`,
  `<script type=module>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `"><img src=x onerror="${RUN}">`,
  `'><img src=x onerror='${RUN}'>`,
  `<img src=x:x onerror=${RUN}//`,
  `<svg onload="${RUN}">`,
  `"><svg onload=${RUN}>`,
  `<svg><script>${RUN}</script></svg>`,
  `<svg><animate onbegin="${RUN}" attributeName=x dur=1s>`,
  `<math><mtext><script>${RUN}</script></mtext></math>`,
  `<body onload="${RUN}">`,
  `<iframe srcdoc="<script>parent.ran=1</script>"></iframe>`,
  `<iframe src="javascript:parent.ran=1"></iframe>`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="javascript:${RUN}">`,
  `<details open ontoggle="${RUN}">`,
  `<video><source onerror="${RUN}">`,
  `<audio src=x onerror="${RUN}">`,
  `<input autofocus onfocus="${RUN}">`,
  `" autofocus onfocus="${RUN}" x="`,
  `' autofocus onfocus='${RUN}' x='`,
  `" onmouseover="${RUN}" x="`,
  `x" style="animation-name:x" onanimationstart="${RUN}`,
  `<style onload="${RUN}"></style>`,
  `<link rel=stylesheet href="data:," onload="${RUN}">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<base href="javascript:${RUN}//">`,
  `<form action="javascript:${RUN}"><button autofocus>x`,
  `<marquee onstart="${RUN}">x</marquee>`,
  `<a href="javascript:${RUN}">x</a>`,
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `{{constructor.constructor('${RUN}')()}}`,
  '${' + RUN + '}',
  `<!--><script>${RUN}</script>-->`,
  `<![CDATA[><script>${RUN}</script>]]>`,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
  `\\u003cscript\\u003e${RUN}\\u003c/script\\u003e`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `＜script＞${RUN}＜/script＞`,
  `</noscript><img src=x onerror="${RUN}"><noscript>`,
];

test('what is typed is shown and never run', async ({ page }, info) => {
  // Records, not the size of a screen: once is enough, and the other tests keep their zone as it was.
  test.skip(info.project.name !== 'desktop', 'run once');
  test.setTimeout(300_000);
  expect(PAYLOADS.length).toBe(50);
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await signIn(page, 'officer-south', '/imports');

  // Companies: every column that takes a text holds the payload.
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const head = ['企业名称', '证券简称', '英文名称', '省份', '城市', '地址', '主营产品', '经营范围', '所属行业', '网址'];
  const rows = PAYLOADS.map((payload, index) =>
    [`示例${index} ${payload}`, payload, payload, '广东', payload, payload, payload, payload, payload, payload].map(cell).join(','),
  );
  await page.locator('input[type=file]').setInputFiles({
    name: `"><img src=x onerror=${RUN}>.csv`,
    mimeType: 'text/csv',
    buffer: Buffer.from(`\ufeff${head.join(',')}\n${rows.join('\n')}\n`),
  });
  await page.getByRole('button', { name: '上传并核对' }).click();
  await ready(page);
  await page.getByRole('button', { name: /^导入 \d+ 行/ }).click();
  await expect(page.getByText(/导入完成/)).toBeVisible({ timeout: 30_000 });
  const importAddress = new URL(page.url()).pathname;

  const origin = new URL(page.url()).origin;
  const post = async (endpoint: string, data: unknown) => {
    const answer = await page.request.post(`/api/${endpoint}`, { data, headers: { accept: 'application/json', origin } });
    expect(answer.status(), `${endpoint}: ${await answer.text()}`).toBe(200);
    return answer.json();
  };
  const pages = [importAddress, '/imports', '/enterprises', '/enterprises?q=script', '/leads', '/leads/list', '/today', '/leads/week', '/trips/new', '/'];
  const companies = new Map<number, string>();
  // The directory is searched as it is indexed, a little after the import.
  await expect(async () => {
    for (let at = 0; at < PAYLOADS.length; at += 1) {
      const found = await page.request.get(`/api/v1/enterprises?q=${encodeURIComponent(`示例${at} `)}`);
      const list: { id: number; name: string }[] = (await found.json()).rows;
      const own = list.find((one) => one.name.startsWith(`示例${at} `) || one.name.startsWith(`示例${at}<`) || one.name.startsWith(`示例${at}"`));
      if (own) companies.set(own.id, PAYLOADS[at]);
    }
    expect(companies.size, 'companies that kept their names').toBeGreaterThan(40);
  }).toPass({ timeout: 60_000 });

  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  for (const [company, payload] of companies) {
    const id = await post('register_lead', { new: { enterprise_id: company, chain_node_id: null, title: payload, source: payload } });
    await post('add_event', { new: { lead_id: id, kind: 'note', body: payload } });
    await post('write_contact', { form: { lead_id: id, name: payload.slice(0, 80), position: payload.slice(0, 80) } });
    await post('write_task', { form: { lead_id: id, title: payload, due_on: day } });
    await post('write_commitment', { form: { lead_id: id, side: 'ours', content: payload, owner: payload.slice(0, 80), due_on: day } });
    await post('set_side_state', { change: { lead_id: id, version: 1, to: 'paused', reason: payload } });
    const file = await page.request.post(`/leads/${id}/files`, {
      multipart: { file: { name: `${payload.replaceAll('/', '')}.svg`, mimeType: 'image/svg+xml', buffer: Buffer.from(payload) } },
      headers: { origin },
      maxRedirects: 0,
    });
    expect(file.status()).toBe(303);
    pages.push(`/leads/${id}`, `/enterprises/${company}`);
  }
  const first = [...companies.keys()][0];
  for (const address of pages) {
    await open(page, address);
    expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran), `${address} ran something`).toBeUndefined();
    // Links lead into the application or to a plain address, never to a script.
    const bad = await page.locator('a[href^="javascript:" i], a[href^="data:" i], [src^="javascript:" i]').count();
    expect(bad, `${address} links to a script`).toBe(0);
  }
  // The text itself is there to be read.
  await open(page, `/enterprises/${first}`);
  await expect(page.locator('main')).toContainText(companies.get(first) ?? '');
  expect(dialogs).toEqual([]);
});
