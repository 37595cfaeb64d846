// Fills a database that holds the demo zone up to a size, the same rows on SQLite and on PostgreSQL:
//   node end2end/bench/load/seed.mjs data/wutong.sqlite
//   node end2end/bench/load/seed.mjs postgres://wutong@localhost/wutong --leads 100000 --events 200000
// Not while the server runs. Adds bureaus up to 12 with four people each, load-01-1 to load-12-4, who have the demo
// accounts' password; companies up to 5,200; then leads with their claims, evidence and timeline.
// Of the leads about 40 % are open before 签约, 15 % are 签约 or further, and the others were lost.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answers, chance, options } from './chance.mjs';
import { open } from './database.mjs';

const given = options({
  leads: 100_000,
  events: 200_000,
  companies: 5_200,
  bureaus: 12,
  seed: 20_261_125,
  // Ages are counted from here.
  today: new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10),
});
const PEOPLE = 4;
const DAY = 86_400e3;
const MIDNIGHT = Date.parse(`${given.today}T00:00:00+08:00`);
const SOURCES = ['展会对接', '商协会推荐', '以商招商', '驻外走访', '领导交办', '企业来访', '产业链图谱'];
const WORDS = ['产业化项目', '生产基地', '西部生产线', '研发中心', '扩建项目', '区域总部', '配套工厂', '技改项目'];
const NOTES = ['电话确认了联系人和时间。', '对方要用地和能耗资料,已发去。', '约定下周看地块。', '企业内部在过会,月底答复。', '谈到电价和物流,要再测算。', '交换了资料,等对方反馈。'];
const PROVINCES = [['广东', '深圳'], ['江苏', '苏州'], ['浙江', '杭州'], ['上海', '上海'], ['北京', '北京'], ['四川', '成都'], ['湖北', '武汉'], ['山东', '青岛']];
const NAMES = ['衡', '晟', '屹', '沅', '泓', '朔', '岚', '霁', '珩', '曜', '澄', '珂', '翊', '骋', '旻', '昱'];
const TRADES = ['新材料', '精密机械', '电子', '生物科技', '储能科技', '食品', '装备', '化工'];

const rules = JSON.parse(readFileSync(fileURLToPath(new URL('../../../domain/data/stage_rules.json', import.meta.url)), 'utf8'));
const STAGES = rules.stages.map((rule) => rule.stage);
const SIGNED = STAGES.indexOf('signed') + 1;

const random = chance(given.seed);
const database = await open(given.rest[0] ?? process.env.DATABASE_URL ?? `${process.env.WUTONG_DATA ?? 'data'}/wutong.sqlite`);
const started = Date.now();

// The new people get the password of a demo account, which everybody knows.
if ((await database.ask("SELECT key FROM setting WHERE key = 'demo_zone'")).length === 0) {
  throw new Error('This is no demo zone, and only one may be filled: run `wutong demo load` on an empty database.');
}
const numbers = async (sql) => Number((await database.ask(sql))[0].number ?? 0);
const last = (table) => numbers(`SELECT max(id) AS number FROM ${table}`);
const missingLeads = given.leads - (await numbers('SELECT count(*) AS number FROM lead'));
const missingEvents = given.events - (await numbers('SELECT count(*) AS number FROM lead_event'));
if (missingLeads <= 0) {
  console.log(`There are ${given.leads} leads or more already.`);
  process.exit(0);
}

const time = (at) => `${new Date(Math.min(at, MIDNIGHT)).toISOString().slice(0, 19)}+00:00`;
const date = (at) => new Date(at + 8 * 3600e3).toISOString().slice(0, 10);
const columns = (text) => text.split(' ');
const tables = {
  bureau: { columns: columns('id code name regions position'), rows: [] },
  account: { columns: columns('id login name role bureau_id password_hash disabled created_at'), rows: [] },
  enterprise: {
    columns: columns('id name name_key short_name province city revenue_wan staff is_local is_demo closed source sort_key pinyin initials created_at updated_at version'),
    rows: [],
  },
  enterprise_product: { columns: columns('id enterprise_id position name revenue_share'), rows: [] },
  lead: {
    columns: columns(
      'id enterprise_id chain_node_id bureau_id owner_id stage side_state title investment_wan land_mu source rule_pack stage_entered_at last_activity_at created_at updated_at deleted_at version',
    ),
    rows: [],
  },
  stage_evidence: { columns: columns('id lead_id stage evidence rule_pack account_id entered_at'), rows: [] },
  claim: { columns: columns('id enterprise_id bureau_id lead_id claimed_at expires_on released_at'), rows: [] },
  lead_event: { columns: columns('id lead_id kind body detail account_id happened_at created_at'), rows: [] },
};
const ids = {};
for (const name of Object.keys(tables)) ids[name] = await last(name);
function add(name, ...row) {
  ids[name] += 1;
  tables[name].rows.push([ids[name], ...row]);
  return ids[name];
}

// Bureaus and people.
const bureaus = (await database.ask('SELECT id FROM bureau ORDER BY position, id')).map(({ id }) => Number(id));
while (bureaus.length < given.bureaus) {
  const number = String(bureaus.length + 1).padStart(2, '0');
  bureaus.push(add('bureau', `load-${number}`, `负载${number}分局`, '[]', bureaus.length));
}
const people = await database.ask('SELECT login, password_hash, role, bureau_id, id FROM account ORDER BY id');
const known = new Set(people.map(({ login }) => login));
for (const [index, bureau] of bureaus.entries()) {
  const number = String(index + 1).padStart(2, '0');
  for (let one = 1; one <= PEOPLE; one += 1) {
    const login = `load-${number}-${one}`;
    if (known.has(login)) continue;
    const role = one === 1 ? 'bureau_chief' : 'officer';
    const id = add('account', login, `负载${number}${one}`, role, bureau, people[0].password_hash, false, time(MIDNIGHT));
    people.push({ id, login, role, bureau_id: bureau });
  }
}
const owners = new Map(
  bureaus.map((bureau) => [
    bureau,
    people.filter((person) => Number(person.bureau_id) === bureau && ['bureau_chief', 'officer'].includes(person.role)).map(({ id }) => Number(id)),
  ]),
);

// Companies.
const companies = (await database.ask('SELECT id FROM enterprise ORDER BY id')).map(({ id }) => Number(id));
const nodes = (await database.ask('SELECT id, name FROM chain_node ORDER BY id')).map(({ id, name }) => ({ id: Number(id), name }));
while (companies.length < given.companies) {
  const number = String(companies.length + 1).padStart(5, '0');
  const [province, city] = random.one(PROVINCES);
  const short = `示例${random.one(NAMES)}${random.one(NAMES)}`;
  const name = `${short}${number}${random.one(TRADES)}(${city})有限公司`;
  const sort = `shi li load ${number} `;
  const written = time(MIDNIGHT);
  const id = add('enterprise', name, name, short, province, city, random.whole(500, 800_000), random.whole(5, 6000), false, true, false,
    '负载测试', sort, `shiliload${number}`, `slload${number}`, written, written, 1);
  companies.push(id);
  for (let position = 0; position < random.whole(1, 3); position += 1) {
    add('enterprise_product', id, position, nodes.length ? random.one(nodes).name : '其他产品', null);
  }
}

// One open lead a bureau on a company, one running claim on a company: what is there keeps its place.
const taken = new Set(
  (await database.ask("SELECT DISTINCT enterprise_id, bureau_id FROM lead WHERE deleted_at IS NULL AND (side_state IS NULL OR side_state <> 'lost')"))
    .map((row) => `${row.enterprise_id} ${row.bureau_id}`),
);
const claimed = new Set((await database.ask('SELECT enterprise_id FROM claim WHERE released_at IS NULL')).map((row) => Number(row.enterprise_id)));

// Days that a stage takes at most; working days count for more.
const limits = rules.stages.map((rule) => (rule.limit_days ?? 40) * (rule.limit_in === 'working_days' ? 1.45 : 1));
const BEFORE = { 1: 45, 2: 22, 3: 17, 4: 10, 5: 6 };
const AFTER = { 6: 20, 7: 16, 8: 16, 9: 14, 10: 12, 11: 12, 12: 10 };
const ENDED = { 1: 50, 2: 24, 3: 15, 4: 7, 5: 4 };
const BESIDE = { track: 80, paused: 10, unreachable: 8, transferred: 2 };

/** How many of `total` each bureau has, from much for the first to little for the last. */
function shares(total, steepness) {
  const weights = bureaus.map((_, index) => 1 + steepness * (0.5 - (bureaus.length > 1 ? index / (bureaus.length - 1) : 0)));
  const sum = weights.reduce((one, two) => one + two, 0);
  let weighed = 0;
  let given = 0;
  return weights.map((weight) => {
    weighed += weight;
    const share = Math.round((total * weighed) / sum) - given;
    given += share;
    return share;
  });
}

const timelines = [];
/** A moment of a working day, so many days ago. */
const ago = (days) => MIDNIGHT - Math.floor(days) * DAY - DAY + (9 + random.next() * 9) * 3600e3;
const followers = new Map();
const holders = new Map();

function lead(bureau, company, stage, side) {
  const owner = owners.get(bureau);
  const owned = owner[Math.floor(random.next() ** 1.5 * owner.length)];
  const isLost = side === 'lost';
  const over = isLost ? 20 + random.waited(250) : 0;
  const inStage = over + random.waited(limits[stage - 1] * 0.8);
  const before = Array.from({ length: stage - 1 }, () => 1 + random.waited(15));
  const quiet = isLost ? over : Math.min(inStage, random.waited(9));
  const entered = ago(inStage);
  const active = Math.max(ago(quiet), entered);
  const age = before.reduce((sum, days) => sum + days, inStage);
  const created = Math.min(ago(age), entered);
  const node = nodes.length && random.next() < 0.85 ? random.one(nodes) : undefined;
  const investment = random.next() < 0.08 ? null : Math.min(Math.round(Math.exp(9 + 1.1 * random.normal()) / 100) * 100 + 100, 5_000_000);
  const deleted = isLost && random.next() < 0.01 ? time(active) : null;
  const id = add('lead', company, node?.id ?? null, bureau, owned, stage, side, `${node?.name ?? random.one(TRADES)}${random.one(WORDS)}`,
    investment, random.next() < 0.3 ? null : random.whole(2, 60) * 5, random.one(SOURCES), rules.version,
    time(entered), time(active), time(created), time(active), deleted, stage + random.whole(0, 3));
  let days = age;
  for (let reached = 2; reached <= stage; reached += 1) {
    days -= before[reached - 2];
    const at = reached === stage ? entered : Math.max(ago(days), created);
    const evidence = answers(rules.stages[reached - 1], date(at), investment ?? undefined);
    add('stage_evidence', id, reached, JSON.stringify(evidence), rules.version, owned, time(at));
  }
  // The claim is written at the end, when it is known who holds the company.
  const claim = { company, bureau, id, created, over: isLost ? active : undefined };
  // Of the bureaus that follow a company each has the same chance to hold it.
  if (!isLost && !claimed.has(company)) {
    const followed = (followers.get(company) ?? 0) + 1;
    followers.set(company, followed);
    if (random.next() * followed < 1) holders.set(company, id);
  }
  timelines.push({ id, owned, created, active, stage, claim, source: random.one(SOURCES) });
}

const lost = Math.round(missingLeads * 0.45);
const after = Math.round(missingLeads * 0.15);
const before = missingLeads - lost - after;
const openShares = shares(before + after, 0.24);
const lostShares = shares(lost, 1.6);
for (const [index, bureau] of bureaus.entries()) {
  const free = random.shuffled(companies.filter((company) => !taken.has(`${company} ${bureau}`)));
  if (free.length < openShares[index]) {
    throw new Error(`${openShares[index]} open leads need as many companies in each bureau; ${free.length} are free. Raise --companies.`);
  }
  for (const company of free.slice(0, openShares[index])) {
    if (random.next() * (before + after) < before) {
      const side = random.weighed(BESIDE);
      lead(bureau, company, random.weighed(BEFORE), side === 'track' ? null : side);
    } else {
      lead(bureau, company, random.weighed(AFTER), null);
    }
  }
  for (let count = 0; count < lostShares[index]; count += 1) lead(bureau, random.one(companies), random.weighed(ENDED), 'lost');
}

// Claims: at most one runs on a company; some lapse within days or have lapsed.
for (const { claim } of timelines) {
  if (holders.get(claim.company) === claim.id) {
    const left = random.whole(-6, 60);
    const since = Math.max(claim.created, MIDNIGHT - (60 - left) * DAY);
    add('claim', claim.company, claim.bureau, claim.id, time(since), date(MIDNIGHT + left * DAY), null);
  } else {
    const lapsed = claim.created + 60 * DAY;
    const released = Math.max(Math.min(claim.over ?? lapsed, lapsed, MIDNIGHT), claim.created);
    add('claim', claim.company, claim.bureau, claim.id, time(claim.created), date(lapsed), time(released));
  }
}

// The timeline: a first line for each lead, the rest falls on few of them, as in life.
let events = missingEvents;
for (const one of timelines) {
  if (events <= 0) break;
  events -= 1;
  add('lead_event', one.id, 'created', one.source, null, one.owned, time(one.created), time(one.created));
}
const lively = random.shuffled(timelines);
while (events > 0) {
  events -= 1;
  const one = lively[Math.floor(random.next() ** 2 * lively.length)];
  const at = time(one.created + random.next() * (one.active - one.created));
  const kind = random.weighed({ note: 40, call: 24, visit_outbound: 8, visit_inbound: 6, visit_online: 5, stage: one.stage > 1 ? 17 : 0 });
  const to = kind === 'stage' ? random.whole(2, one.stage) : 0;
  const detail = kind === 'stage' ? JSON.stringify({ from: STAGES[to - 2], to: STAGES[to - 1] }) : null;
  add('lead_event', one.id, kind, kind === 'stage' ? '' : random.one(NOTES), detail, one.owned, at, at);
}

const drawn = Date.now();
await database.load(Object.entries(tables).filter(([, { rows }]) => rows.length > 0).map(([table, rest]) => ({ table, ...rest })));
console.log(`${database.kind}: drawn in ${((drawn - started) / 1000).toFixed(1)} s, written in ${((Date.now() - drawn) / 1000).toFixed(1)} s`);
for (const [name, { rows }] of Object.entries(tables)) {
  console.log(`${name.padEnd(20)} ${String(rows.length).padStart(7)} new, ${String(await numbers(`SELECT count(*) AS number FROM ${name}`)).padStart(7)} in all`);
}
const share = await numbers(`SELECT count(*) AS number FROM lead WHERE deleted_at IS NULL AND stage < ${SIGNED} AND (side_state IS NULL OR side_state <> 'lost')`);
console.log(`open before 签约: ${share} of ${await numbers('SELECT count(*) AS number FROM lead')} leads`);
database.close();
