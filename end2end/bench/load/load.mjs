// Many people at once against a running server over a database that seed.mjs filled:
//   node end2end/bench/load/load.mjs [http://127.0.0.1:3000] [--users 50] [--seconds 60] [--think 0]
//   node end2end/bench/load/load.mjs [http://127.0.0.1:3000] --writers 20 [--seconds 20]
// Each person has a session and a connection of their own and asks for one thing after the other: pages, moves of
// their own leads through the gate and back, notes. Milliseconds are from the request to the answer's last byte.
// --think is the mean pause between two requests in milliseconds; without one as many requests as people are under
// way all the time. --strict fails where a p95 is over its limit. Anything but the expected answer is an error; an
// error ends with code 1.
import { answers, chance, options } from './chance.mjs';
import { Person } from './client.mjs';

const given = options({ users: 50, writers: 0, seconds: 0, warmup: 5, think: 0, seed: 1, bureaus: 12, strict: false });
const base = given.rest[0] ?? 'http://127.0.0.1:3000';
const PEOPLE = 4;
const seconds = given.seconds || (given.writers ? 20 : 60);
const warmup = given.writers ? 0 : given.warmup;
// Milliseconds of p95 that are to be kept at 50 people on two cores.
const LIMITS = { board: 150, list: 150, lead: 100, move: 50 };
const READ = { board: 20, list: 20, lead: 25, today: 15, move: 10, note: 10 };
const WRITE = { move: 60, note: 40 };
const TEXTS = ['有限', '科技', '示例', 'sl', 'shili', '生产基地', '江苏', '000'];

/** Neighbours in the list are of different bureaus. */
function logins(count) {
  const people = [];
  for (let one = 1; one <= PEOPLE; one += 1) {
    for (let bureau = 1; bureau <= given.bureaus; bureau += 1) people.push({ login: `load-${String(bureau).padStart(2, '0')}-${one}`, part: one - 1 });
  }
  // Those who see the whole zone; they move nobody's leads.
  if (!given.writers) people.splice(0, 0, { login: 'leader' }, { login: 'admin' });
  return Array.from({ length: count }, (_, index) => ({ ...people[index % people.length], twin: Math.floor(index / people.length) }));
}

const yesterday = new Date(Date.now() + 8 * 3600e3 - 86_400e3).toISOString().slice(0, 10);
const kinds = new Map();
const problems = new Map();
let isCounting = false;
let isOver = false;

function note(kind, took, problem) {
  // What goes wrong counts at any time.
  if (problem) problems.set(problem, (problems.get(problem) ?? 0) + 1);
  if (!isCounting && !problem) return;
  if (!kinds.has(kind)) kinds.set(kind, { times: [], errors: 0, busy: 0 });
  const counted = kinds.get(kind);
  if (problem) counted.errors += 1;
  else counted.times.push(took);
}

class Worker {
  constructor({ login, part, twin }, index) {
    this.person = new Person(base, login);
    this.random = chance(given.seed * 1000 + index);
    this.part = part;
    this.twin = twin;
  }

  async prepare(rules) {
    const random = this.random;
    this.rules = rules;
    this.stages = rules.map((rule) => rule.stage);
    const first = await this.person.read('/api/v1/leads');
    this.bureaus = first.bureaus.map((bureau) => bureau.id);
    const pages = Math.max(1, Math.ceil(first.total / Math.max(1, first.leads.length)));
    this.pages = pages;
    this.seen = first.leads.map((lead) => lead.id);
    for (let count = 0; count < 4; count += 1) {
      const page = await this.person.read(`/api/v1/leads?order=waiting&page=${random.whole(0, pages - 1)}`);
      this.seen.push(...page.leads.map((lead) => lead.id));
    }
    this.own = [];
    // A second session of one account has no leads of its own.
    if (this.part === undefined || this.twin > 0) return;
    for (const stage of ['lead', 'screened', 'negotiating', 'site_visit', 'review']) {
      const page = await this.person.read(`/api/v1/leads?stage=${stage}&order=recent`);
      for (const lead of page.leads) {
        // 在谈 needs the claim.
        const isFree = stage !== 'screened' || (lead.claim_days_left ?? -1) >= 0;
        if (lead.id % PEOPLE === this.part && lead.side_state === null && isFree) {
          this.own.push({ id: lead.id, version: lead.version, home: stage, stage });
        }
      }
    }
  }

  listAddress() {
    const random = this.random;
    const filter = random.weighed({ none: 25, stage: 20, text: 15, silent: 10, late: 10, lapsing: 10, beside: 5, bureau: 5 });
    const order = random.one(['recent', 'silent', 'investment', 'stage', 'waiting']);
    const page = random.next() < 0.6 ? 0 : random.whole(1, Math.min(5, this.pages));
    const chosen = {
      none: '',
      stage: `&stage=${random.one(this.stages)}`,
      text: `&text=${encodeURIComponent(random.one(TEXTS))}`,
      silent: '&silent=true',
      late: '&late=true',
      lapsing: '&lapsing=true',
      beside: `&side_state=${random.one(['paused', 'unreachable', 'lost'])}`,
      bureau: `&bureau_id=${random.one(this.bureaus)}`,
    }[filter];
    return `/leads/list?order=${order}&page=${page}${chosen}`;
  }

  async read(kind, path) {
    const answer = await this.person.page(path);
    note(kind, answer.took, answer.status === 200 ? undefined : `GET ${path.replace(/\d+/g, 'N').replace(/\?.*/, '')}: ${answer.status}`);
  }

  board() {
    return this.read('board', this.bureaus.length > 1 ? `/leads?bureau=${this.random.one(this.bureaus)}` : '/leads');
  }

  list() {
    return this.read('list', this.listAddress());
  }

  lead() {
    return this.read('lead', `/leads/${this.random.one(this.seen)}`);
  }

  today() {
    return this.read('today', this.part === undefined ? '/today' : this.random.one(['/today', '/today?mine=true']));
  }

  written(kind, answer, what) {
    const isWell = answer.status >= 200 && answer.status < 300;
    note(kind, answer.took, isWell ? undefined : `${what}: ${answer.status} ${answer.body.slice(0, 160)}`);
    if (answer.status >= 500) kinds.get(kind).busy += 1;
    return isWell;
  }

  async move() {
    if (this.own.length === 0) return this.lead();
    const lead = this.random.one(this.own);
    const isForward = lead.stage === lead.home;
    const to = isForward ? this.stages[this.stages.indexOf(lead.home) + 1] : lead.home;
    const rule = this.rules.find((one) => one.stage === to);
    const answer = await this.person.move(lead, to, isForward ? answers(rule, yesterday) : {}, isForward ? '' : '负载测试退回');
    if (this.written('move', answer, `POST stage ${lead.stage} to ${to}`)) {
      lead.version = JSON.parse(answer.body).version;
      lead.stage = to;
    } else {
      this.own = this.own.filter((one) => one !== lead);
    }
    return undefined;
  }

  async note() {
    if (this.part === undefined) return this.list();
    const kind = this.random.one(['note', 'call', 'visit_outbound']);
    this.written('note', await this.person.note(this.random.one(this.seen), kind, '负载测试所记'), 'POST add_event');
    return undefined;
  }

  async run(mix) {
    if (given.think) await new Promise((done) => setTimeout(done, this.random.next() * given.think));
    while (!isOver) {
      const kind = this.random.weighed(mix);
      try {
        await this[kind]();
      } catch (error) {
        note(kind, 0, `${kind}: ${error.message}`);
        // A server that is gone answers at once.
        await new Promise((done) => setTimeout(done, 100));
      }
      if (given.think) await new Promise((done) => setTimeout(done, this.random.waited(given.think)));
    }
  }
}

const workers = logins(given.writers || given.users).map((login, index) => new Worker(login, index));
// One after the other: a server may slow down who guesses passwords from one address.
for (const worker of workers) await worker.person.signIn();
const pack = await workers[0].person.read('/settings/stages/pack.json');
await Promise.all(workers.map((worker) => worker.prepare(pack.stages)));
const movable = workers.reduce((sum, worker) => sum + worker.own.length, 0);
console.log(`${workers.length} people, ${movable} leads to move, ${seconds} s${given.think ? `, ${given.think} ms of thought between requests` : ', no pause between requests'}`);
if (movable === 0) throw new Error('There is nothing to move: run seed.mjs first.');

const running = workers.map((worker) => worker.run(given.writers ? WRITE : READ));
await new Promise((done) => setTimeout(done, warmup * 1000));
isCounting = true;
const started = performance.now();
await new Promise((done) => setTimeout(done, seconds * 1000));
isOver = true;
await Promise.all(running);
const took = (performance.now() - started) / 1000;
for (const worker of workers) worker.person.close();

console.log('kind      requests      /s     p50     p95     p99     max  errors   limit');
let all = 0;
let errors = 0;
let busy = 0;
let isSlow = false;
for (const kind of Object.keys(READ).filter((kind) => kinds.has(kind))) {
  const { times, errors: wrong, busy: refused } = kinds.get(kind);
  times.sort((one, two) => one - two);
  const at = (share) => (times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? 0);
  const shown = [0.5, 0.95, 0.99, 1].map((share) => at(share).toFixed(1).padStart(8)).join('');
  const limit = given.writers ? undefined : LIMITS[kind];
  const isOverLimit = limit !== undefined && at(0.95) > limit;
  const said = limit === undefined ? '' : `${String(limit).padStart(8)}${isOverLimit ? ' over' : ''}`;
  console.log(`${kind.padEnd(8)}${String(times.length).padStart(10)}${(times.length / took).toFixed(1).padStart(8)}${shown}${String(wrong).padStart(8)}${said}`);
  all += times.length;
  errors += wrong;
  busy += refused;
  isSlow ||= isOverLimit;
}
console.log(`${'all'.padEnd(8)}${String(all).padStart(10)}${(all / took).toFixed(1).padStart(8)}${String(errors).padStart(40)}`);
if (given.writers) console.log(`busy or broken (5xx): ${busy}`);
for (const [problem, count] of [...problems].slice(0, 20)) console.log(`${count} × ${problem}`);
process.exitCode = errors > 0 || problems.size > 0 || (given.strict && isSlow) ? 1 : 0;
