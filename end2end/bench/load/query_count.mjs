// How many statements a request sends to PostgreSQL, to be compared between a small and a large database:
//   node end2end/bench/load/query_count.mjs http://127.0.0.1:3000 postgres://… --save small.json
//   node end2end/bench/load/query_count.mjs http://127.0.0.1:3000 postgres://… --against small.json
// Counted by pg_stat_statements, which the cluster must have loaded and the user may create; nobody else may use the
// server meanwhile. Statements that the server's background work sends as well, BEGIN among them, are left out, and of
// several tries the least counts. SQLite gets the same statements from the same code. Ends with code 1 where a count
// has grown.
import { readFileSync, writeFileSync } from 'node:fs';
import { answers, options } from './chance.mjs';
import { Person } from './client.mjs';
import { open } from './database.mjs';

const given = options({ save: '', against: '', tries: 6 });
const [base, address] = given.rest;
const database = await open(address);
if (database.kind !== 'postgres') throw new Error('Statements are counted on PostgreSQL; name its address.');
await database.run('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');

/** How often each statement was called so far. */
async function calls() {
  const rows = await database.ask(
    "SELECT queryid::text AS id, sum(calls) AS calls FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%' GROUP BY queryid",
  );
  return new Map(rows.map(({ id, calls }) => [id, Number(calls)]));
}
const more = (before, after) => [...after].filter(([id, number]) => number > (before.get(id) ?? 0)).map(([id, number]) => [id, number - (before.get(id) ?? 0)]);

// What the server asks of itself, several times a second, is no request's doing.
const idle = await calls();
await new Promise((done) => setTimeout(done, 4000));
const background = new Set(more(idle, await calls()).map(([id]) => id));

// A lead to move and a lead with everything a page may show, of one of the bureaus that seed.mjs staffed.
const [chosen] = await database.ask(
  `SELECT lead.bureau_id, account.login, min(lead.id) AS first FROM lead JOIN account ON account.bureau_id = lead.bureau_id AND account.login LIKE 'load-%-2'
   WHERE lead.deleted_at IS NULL AND lead.side_state IS NULL AND lead.stage = 1
   AND EXISTS (SELECT 1 FROM claim WHERE claim.lead_id = lead.id AND claim.released_at IS NULL) GROUP BY lead.bureau_id, account.login ORDER BY count(*) DESC, lead.bureau_id LIMIT 1`,
);
if (!chosen) throw new Error('There is no lead to move: run seed.mjs first.');
const { bureau_id: bureau, first } = chosen;
const [{ id: busiest }] = await database.ask(
  `SELECT lead.id FROM lead JOIN lead_event ON lead_event.lead_id = lead.id WHERE lead.deleted_at IS NULL AND lead.chain_node_id IS NOT NULL
   AND EXISTS (SELECT 1 FROM claim WHERE claim.enterprise_id = lead.enterprise_id AND claim.released_at IS NULL)
   GROUP BY lead.id ORDER BY (lead.bureau_id = ${bureau}) DESC, count(*) DESC, lead.id LIMIT 1`,
);

const officer = await new Person(base, chosen.login).signIn();
const leader = await new Person(base, 'leader').signIn();
const { stages } = await officer.read('/settings/stages/pack.json');
const screening = stages.find((rule) => rule.stage === 'screened');
const yesterday = new Date(Date.now() + 8 * 3600e3 - 86_400e3).toISOString().slice(0, 10);

async function move() {
  const lead = await officer.read(`/api/v1/leads/${first}`);
  const isForward = lead.card.stage === 'lead';
  const change = { to: isForward ? 'screened' : 'lead', evidence: isForward ? answers(screening, yesterday) : {}, reason: isForward ? '' : '负载测试退回' };
  return () => officer.move({ id: first, version: lead.card.version }, change.to, change.evidence, change.reason);
}

const page = (person, path) => async () => () => person.ask(path);
const asked = {
  board: page(officer, '/leads'),
  'board, leader': page(leader, `/leads?bureau=${bureau}`),
  list: page(officer, '/leads/list'),
  'list, leader': page(leader, '/leads/list'),
  'list, late': page(leader, '/leads/list?late=true&order=waiting'),
  'list, lapsing': page(leader, '/leads/list?lapsing=true'),
  'list, text': page(leader, `/leads/list?text=${encodeURIComponent('有限')}`),
  lead: page(leader, `/leads/${busiest}`),
  today: page(officer, '/today'),
  'today, leader': page(leader, '/today'),
  'chain map': page(leader, '/chains/1'),
  // Forward and back by turns: the more of the two.
  move: async () => move(),
  note: async () => () => officer.note(first, 'note', '负载测试所记'),
};

const counted = {};
/** Which statements the tries of a kind sent. */
const sent = {};
for (const [name, prepare] of Object.entries(asked)) {
  const tries = [[], []];
  for (let index = 0; index < given.tries + 1; index += 1) {
    const act = await prepare();
    const before = await calls();
    const answer = await act();
    const after = await calls();
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.body.slice(0, 200)}`);
    // The first fills caches.
    if (index === 0) continue;
    const own = more(before, after).filter(([id]) => !background.has(id));
    tries[index % 2].push(own.reduce((sum, [, count]) => sum + count, 0));
    sent[name] = [...new Set([...(sent[name] ?? []), ...own.map(([id]) => id)])];
  }
  counted[name] = Math.max(...tries.map((some) => Math.min(...some)));
}
officer.close();
leader.close();

const small = given.against ? JSON.parse(readFileSync(given.against, 'utf8')) : undefined;
const leads = Number((await database.ask('SELECT count(*) AS number FROM lead'))[0].number);
console.log(`statements of a request at ${leads} leads${small ? `, at ${small.leads} before` : ''}`);
let hasGrown = false;
for (const [name, count] of Object.entries(counted)) {
  const was = small?.counted[name];
  const grown = was !== undefined && count > was;
  hasGrown ||= grown;
  console.log(`${name.padEnd(14)}${String(count).padStart(5)}${was === undefined ? '' : String(was).padStart(5)}${grown ? '  grown' : ''}`);
  if (!grown) continue;
  for (const id of sent[name].filter((id) => !small.sent[name].includes(id))) {
    const [found] = await database.ask(`SELECT query FROM pg_stat_statements WHERE queryid = ${id} LIMIT 1`);
    console.log(`              ${found?.query.replace(/\s+/g, ' ').slice(0, 200)}`);
  }
}
if (given.save) writeFileSync(given.save, JSON.stringify({ leads, counted, sent }));
process.exitCode = hasGrown ? 1 : 0;
