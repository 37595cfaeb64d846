// How smoothly a map pans and how fast "what if" answers, in Chromium against a server that runs already:
// `BASE=http://127.0.0.1:3000 node map_frames.mjs CHAIN_ID…`. Prints a line a chain.
import { chromium } from 'playwright-core';

const base = process.env.BASE ?? 'http://127.0.0.1:3000';
const chains = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
await page.goto(`${base}/login`);
await page.fill('input[name=login]', 'leader');
await page.fill('input[name=password]', process.env.PASSWORD ?? 'wutong-demo-2026');
await page.click('button[type=submit]');
await page.waitForURL((url) => !url.pathname.startsWith('/login'));

const frames = async (move) => {
  await page.evaluate(() => {
    window.stamps = [];
    window.counting = true;
    const tick = (now) => {
      window.stamps.push(now);
      if (window.counting) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await move();
  const stamps = await page.evaluate(() => {
    window.counting = false;
    return window.stamps;
  });
  const gaps = stamps.slice(1).map((stamp, index) => stamp - stamps[index]).sort((one, two) => one - two);
  const seconds = (stamps.at(-1) - stamps[0]) / 1000;
  return { perSecond: (gaps.length / seconds).toFixed(1), p95: gaps[Math.floor(gaps.length * 0.95)].toFixed(1), worst: gaps.at(-1).toFixed(1) };
};

for (const chain of chains) {
  const began = Date.now();
  await page.goto(`${base}/chains/${chain}`);
  await page.waitForSelector('html[data-ready]');
  const ready = Date.now() - began;
  const count = await page.evaluate(() => document.querySelector('.page-head .sub').textContent);
  const drag = async () => {
    const box = await page.locator('.viewport').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    for (let round = 0; round < 6; round += 1) {
      await page.mouse.move(x + 300, y + 150);
      await page.mouse.down();
      for (let step = 0; step <= 30; step += 1) await page.mouse.move(x + 300 - step * 20, y + 150 - step * 10);
      await page.mouse.up();
    }
  };
  const lines = [];
  const far = await frames(drag);
  lines.push(`fitted ${far.perSecond} frames/s (95 % within ${far.p95} ms, worst ${far.worst})`);
  await page.locator('.viewport').focus();
  while (!(await page.locator('.zoom').innerText()).match(/(9\d|1\d\d) %/)) await page.keyboard.press('+');
  const near = await frames(drag);
  lines.push(`near ${near.perSecond} frames/s (95 % within ${near.p95} ms, worst ${near.worst})`);
  console.log(`chain ${chain}: ${count.trim()}: ready in ${ready} ms; ${lines.join('; ')}`);

  await page.goto(`${base}/chains/${chain}/what-if`);
  await page.waitForSelector('html[data-ready]');
  await page.getByLabel('年产值（亿元）').fill('50');
  const times = [];
  for (let round = 0; round < 10; round += 1) {
    times.push(
      await page.evaluate(async (pick) => {
        const select = document.querySelector('aside select');
        select.selectedIndex = pick % select.options.length;
        select.dispatchEvent(new Event('change', { bubbles: true }));
        await new Promise((done) => setTimeout(done, 200));
        const button = document.querySelector('aside button[type=submit]');
        const from = performance.now();
        button.click();
        // Effects run as microtasks: when they are through, the answer stands in the page.
        await new Promise((done) => setTimeout(done, 0));
        return performance.now() - from;
      }, round * 7 + 3),
    );
  }
  times.sort((one, two) => one - two);
  console.log(`chain ${chain}: what if with up to 10 projects: median ${times[4].toFixed(1)} ms, worst ${times.at(-1).toFixed(1)} ms`);
}
await browser.close();
