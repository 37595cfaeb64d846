// Keeps the pages of trips and the files that they need on the phone, for when there is no network. Nothing else of the
// program passes through here.
const FILES = 'road-files';
const PAGES = 'road-pages';
const PATIENCE = 5000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// A page says which files it was made of; what no page needs any more goes.
self.addEventListener('message', (event) => {
  const { page, files } = event.data;
  event.waitUntil(keep(page, files).catch(() => {}));
});

async function keep(page, files) {
  const stored = await caches.open(FILES);
  for (const request of await stored.keys()) {
    if (!files.includes(request.url)) await stored.delete(request);
  }
  for (const url of files) {
    if (!(await stored.match(url))) {
      const answer = await fetch(url);
      if (answer.ok) await stored.put(url, answer);
    }
  }
  const pages = await caches.open(PAGES);
  const answer = await fetch(page);
  if (!isPage(answer)) return;
  // A page of a newer program would want files that are not here: it is kept once it has been opened.
  const text = await answer.clone().text();
  const wanted = [...text.matchAll(/\/pkg\/[\w./-]+\w/g)].map(([path]) => self.location.origin + path);
  const folder = (url) => url.slice(0, url.lastIndexOf('/'));
  const folders = new Set(files.map(folder));
  const isHere = (url) => files.includes(url) || (!url.endsWith('.css') && folders.has(folder(url)));
  if (wanted.every(isHere)) await pages.put(page, answer);
}

const isPage = (answer) => answer.ok && !answer.redirected;

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === 'POST' && url.pathname === '/logout') {
    // The next person at this phone reads nothing of this one's.
    event.waitUntil(caches.delete(PAGES));
    return;
  }
  if (request.method !== 'GET') return;
  if (url.pathname.startsWith('/pkg/')) {
    event.respondWith(fileOf(request));
  } else if (request.mode === 'navigate' && /^\/road\/\d+$/.test(url.pathname)) {
    event.respondWith(pageOf(request, url.origin + url.pathname));
  }
});

async function fileOf(request) {
  const stored = await caches.match(request.url);
  return stored || fetch(request);
}

// The network first; a stored page when it does not answer in time.
async function pageOf(request, key) {
  const pages = await caches.open(PAGES);
  const stored = await pages.match(key);
  const fresh = fetch(request).then(async (answer) => {
    if (isPage(answer)) await pages.put(key, answer.clone());
    return answer;
  });
  if (!stored) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(stored), PATIENCE));
  const failed = fresh.then((answer) => (answer.status >= 500 ? stored : answer), () => stored);
  return Promise.race([failed, late]);
}
