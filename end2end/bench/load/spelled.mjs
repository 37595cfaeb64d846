// Waits until the server has spelled the titles that seed.mjs wrote without their spelling, which it does once:
//   node end2end/bench/load/spelled.mjs DATABASE
import { open } from './database.mjs';

const database = await open(process.argv[2]);
const begun = Date.now();
for (;;) {
  const [{ number }] = await database.ask("SELECT count(*) AS number FROM lead WHERE find_key = ''");
  if (Number(number) === 0) break;
  if (Date.now() - begun > 300e3) throw new Error(`${number} titles are still to be spelled after five minutes.`);
  await new Promise((done) => setTimeout(done, 1000));
}
console.log(`titles spelled within ${((Date.now() - begun) / 1000).toFixed(1)} s`);
