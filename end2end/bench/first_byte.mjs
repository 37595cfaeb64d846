// Time to the first byte of the map and the pages of the pipeline of a running server with the demo zone:
//   node end2end/bench/first_byte.mjs [http://127.0.0.1:3000] [requests]
// One request after the other, over loopback, signed in as an officer. Prints p50 and p95 in milliseconds.
import { request } from 'node:http';

const base = new URL(process.argv[2] ?? 'http://127.0.0.1:3000');
const times = Number(process.argv[3] ?? 200);

function ask(path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const started = performance.now();
    const call = request(new URL(path, base), { method, headers }, (answer) => {
      let first;
      answer.on('data', () => (first ??= performance.now() - started));
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, first: first ?? performance.now() - started }));
    });
    call.on('error', fail);
    call.end(body);
  });
}

const form = new URLSearchParams({ login: 'officer-east', password: 'wutong-demo-2026' }).toString();
const signedIn = await ask('/login', {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': form.length },
  body: form,
});
const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0];
if (!cookie) throw new Error(`No session: the server answered ${signedIn.status}.`);

for (const path of ['/chains/1', '/leads', '/leads/list', '/today', '/today?mine=true']) {
  const first = [];
  for (let index = 0; index < times; index += 1) {
    const answer = await ask(path, { headers: { cookie } });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    first.push(answer.first);
  }
  first.sort((one, two) => one - two);
  const at = (share) => first[Math.min(times - 1, Math.floor(times * share))].toFixed(1);
  console.log(`${path.padEnd(12)} ${times} requests  p50 ${at(0.5)} ms  p95 ${at(0.95)} ms`);
}
