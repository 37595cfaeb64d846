// How fast the planner answers a hand in Chromium, against a server that runs already:
// `BASE=http://127.0.0.1:3000 node trip_moves.mjs`. Plans a trip of up to sixty companies, four teams and seven days, chooses
// every visit once and moves some; prints the milliseconds until what fits is shown, and until a move is, without painting;
// then the seconds until the trip's book stands, and until it is a PDF.
import { chromium } from 'playwright-core';

const base = process.env.BASE ?? 'http://127.0.0.1:3000';
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' });
await page.goto(`${base}/login?next=/trips/new`);
await page.fill('input[name=login]', 'chief-east');
await page.fill('input[name=password]', process.env.PASSWORD ?? 'wutong-demo-2026');
await page.click('button[type=submit]');
await page.waitForURL((url) => url.pathname === '/trips/new');
await page.waitForSelector('html[data-ready]');
const all = page.getByRole('checkbox', { name: '全选' });
for (let at = 0; at < (await all.count()); at += 1) await all.nth(at).check();
await page.locator('#trip-days').fill('7');
await page.locator('#trip-teams').fill('4');
await page.getByRole('button', { name: '排行程' }).click();
await page.waitForURL(/\/trips\/\d+$/, { timeout: 60_000 });
await page.waitForSelector('html[data-ready]');
const candidates = await page.evaluate(() => document.querySelectorAll('.plan button.v').length);

const seen = await page.evaluate(async () => {
  const turn = () => new Promise((resolve) => queueMicrotask(resolve));
  const until = async (is) => {
    const began = performance.now();
    for (let tries = 0; tries < 5000 && !is(); tries += 1) await turn();
    return performance.now() - began;
  };
  const choices = [];
  const count = document.querySelectorAll('.plan button.v').length;
  for (let at = 0; at < count; at += 1) {
    const visit = document.querySelectorAll('.plan button.v')[at];
    const began = performance.now();
    visit.click();
    await until(() => document.querySelector('.plan .c.ok') !== null);
    choices.push(performance.now() - began);
    document.querySelectorAll('.plan button.v')[at].click();
    await until(() => document.querySelector('.plan .c.ok') === null);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const moves = [];
  for (let round = 0; round < 10; round += 1) {
    const visit = document.querySelectorAll('.plan button.v')[round];
    visit.click();
    await until(() => document.querySelector('.plan .here') !== null);
    const here = document.querySelector('.plan .here');
    if (here === null) continue;
    const before = document.querySelector('.plan').innerHTML;
    const began = performance.now();
    here.click();
    await until(() => document.querySelector('.plan').innerHTML !== before);
    moves.push(performance.now() - began);
    // The server keeps it, and the next hand waits for that.
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  return { choices, moves };
});
const line = (name, values) => {
  const sorted = [...values].sort((one, two) => one - two);
  const at = (share) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
  console.log(`${name}: ${values.length} times, median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, worst ${at(1)} ms`);
};
console.log(`${candidates} visits planned`);
line('what fits is shown', seen.choices);
line('a move is shown', seen.moves);
const trip = page.url();
let began = Date.now();
await page.goto(`${trip}/book`);
await page.waitForSelector('html[data-ready]');
const briefs = await page.locator('.sheet[id^=brief-]').count();
const stands = (Date.now() - began) / 1000;
began = Date.now();
const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
console.log(`book of ${briefs} companies: there after ${stands.toFixed(1)} s, a PDF of ${(paper.length / 1024 / 1024).toFixed(1)} MiB after ${((Date.now() - began) / 1000).toFixed(1)} s more`);
await browser.close();
