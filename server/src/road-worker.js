// Keeps the pages of trips and the files that they need on the phone, for when there is no network. Nothing else of the
// program passes through here.
const FILES = 'road-files';
const PAGES = 'road-pages';
// A kept page names the files that it was made of.
const LIST = 'x-road-files';
const MOST_PAGES = 12;
const PATIENCE = 5000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// One after the other: what one is about to keep, another would throw away.
let queue = Promise.resolve();
// How often somebody signed in or out: a page that was asked for before is not kept after.
let people = 0;

// A page asks to be kept, and says which files it was made of.
self.addEventListener('message', (event) => {
  const { page, files } = event.data;
  const [port] = event.ports;
  queue = queue.then(() => keep(page, files)).catch(() => false);
  event.waitUntil(queue.then((isKept) => port && port.postMessage(isKept)));
});

async function keep(page, files) {
  const before = people;
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
  const pages = await caches.open(PAGES);
  if (before !== people) return false;
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
  // The next person at this phone reads nothing of this one's.
  if (request.method === 'POST' && url.pathname === '/logout') {
    event.waitUntil(forgetPages());
  } else if (request.method === 'POST' && url.pathname === '/login') {
    // Without a network nobody else signs in.
    event.respondWith(
      fetch(request).then((answer) => {
        event.waitUntil(forgetPages());
        return answer;
      }),
    );
  }
  if (request.method !== 'GET') return;
  if (url.pathname.startsWith('/pkg/')) {
    event.respondWith(fileOf(request));
  } else if (request.mode === 'navigate' && /^\/road\/\d+$/.test(url.pathname)) {
    event.respondWith(pageOf(request, url.origin + url.pathname));
  }
});

function forgetPages() {
  people += 1;
  return caches.delete(PAGES).catch(() => false);
}

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
