// Keeps the pages of trips and the files that they need on the phone, for when there is no network. Nothing else of the
// program passes through here.
const FILES = 'road-files';
const PAGES = 'road-pages';
// A kept page names the files that it was made of, and whose it is.
const LIST = 'x-road-files';
const PERSON = 'x-road-person';
const MOST_PAGES = 12;
const PATIENCE = 5000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// One after the other: what one is about to keep, another would throw away.
let queue = Promise.resolve();
// How often somebody signed out: a page that was asked for before is not kept after.
let departures = 0;

// A page says who is signed in; one that asks to be kept says which files it was made of.
self.addEventListener('message', (event) => {
  const { person, page, files } = event.data;
  const [port] = event.ports;
  queue = queue.then(() => (page ? keep(person, page, files) : forgetOthers(person))).catch(() => false);
  event.waitUntil(queue.then((isDone) => port && port.postMessage(isDone)));
});

// The next person at this phone reads nothing of this one's.
async function forgetOthers(person) {
  const pages = await caches.open(PAGES);
  for (const request of await pages.keys()) {
    const page = await pages.match(request);
    if (!page || page.headers.get(PERSON) !== String(person)) await pages.delete(request);
  }
  return true;
}

async function keep(person, page, files) {
  const before = departures;
  await forgetOthers(person);
  const answer = await fetch(page);
  if (!isPage(answer)) return false;
  const text = await answer.text();
  // A page of a newer program would want files that are not here: it is kept once it has been opened.
  const wanted = [...text.matchAll(/\/pkg\/[\w./-]+\w/g)].map(([path]) => self.location.origin + path);
  const folder = (url) => url.slice(0, url.lastIndexOf('/'));
  const folders = new Set(files.map(folder));
  const isHere = (url) => files.includes(url) || (!url.endsWith('.css') && folders.has(folder(url)));
  if (!wanted.every(isHere)) return false;
  // The files first: a page without them would open and do nothing.
  const stored = await caches.open(FILES);
  for (const url of files) {
    if (await stored.match(url)) continue;
    const file = await fetch(url);
    if (!file.ok) return false;
    await stored.put(url, file);
  }
  const headers = new Headers(answer.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  headers.set(LIST, JSON.stringify(files));
  headers.set(PERSON, String(person));
  const pages = await caches.open(PAGES);
  if (before !== departures) return false;
  await pages.put(page, new Response(text, { status: answer.status, headers }));
  await tidy(pages, stored);
  return true;
}

// The oldest pages go, and the files that no page needs any more.
async function tidy(pages, stored) {
  for (const request of (await pages.keys()).slice(0, -MOST_PAGES)) await pages.delete(request);
  const needed = new Set();
  for (const request of await pages.keys()) {
    const page = await pages.match(request);
    for (const url of JSON.parse((page && page.headers.get(LIST)) || '[]')) needed.add(url);
  }
  for (const request of await stored.keys()) {
    if (!needed.has(request.url)) await stored.delete(request);
  }
}

const isPage = (answer) => answer.ok && !answer.redirected;

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === 'POST' && url.pathname === '/logout') {
    departures += 1;
    event.waitUntil(caches.delete(PAGES).catch(() => false));
  }
  if (request.method !== 'GET') return;
  if (url.pathname.startsWith('/pkg/')) {
    event.respondWith(fileOf(request));
  } else if (request.mode === 'navigate' && /^\/road\/\d+$/.test(url.pathname)) {
    event.respondWith(pageOf(request, url.origin + url.pathname));
  }
});

// Where the phone's storage fails, the network answers alone.
const storedIn = (cacheName, key) => caches.match(key, { cacheName }).catch(() => undefined);

async function fileOf(request) {
  return (await storedIn(FILES, request.url)) || fetch(request);
}

// The network first; a stored page when it does not answer in time.
async function pageOf(request, key) {
  const fresh = fetch(request);
  const stored = await storedIn(PAGES, key);
  if (!stored) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(stored), PATIENCE));
  const failed = fresh.then((answer) => (answer.status >= 500 ? stored : answer), () => stored);
  return Promise.race([failed, late]);
}
