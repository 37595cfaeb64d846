// Writes a chain of many nodes: `node chain_file.mjs NODES EDGES OUT.json [enterprises.jsonl]`. Nodes are the products that
// most companies of the list make, or numbered ones without a list; edges run forward, seeded.
import fs from 'node:fs';

const [, , nodeCount, edgeCount, out, list] = process.argv;
const N = Number(nodeCount);
const names = [];
if (list) {
  const made = new Map();
  for (const line of fs.readFileSync(list, 'utf8').split('\n')) {
    if (!line.trim()) continue;
    for (const product of JSON.parse(line).products ?? []) {
      const name = product.name ?? product;
      if (typeof name === 'string' && name.length >= 2 && name.length <= 12) made.set(name, (made.get(name) ?? 0) + 1);
    }
  }
  names.push(...[...made].sort((one, two) => two[1] - one[1] || (one[0] < two[0] ? -1 : 1)).map(([name]) => name));
}
// Mulberry32: a small generator that gives the same numbers everywhere.
let state = 20260630;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const stage = (index) => ['upstream', 'midstream', 'downstream'][Math.min(2, Math.floor((index * 3) / N))];
const nodes = Array.from({ length: N }, (_, index) => ({
  code: `n${index}`,
  name: names[index] ?? `示例产品${index}`,
  stage: stage(index),
  group: `组${Math.floor(index / 12)}`,
}));
const edges = new Map();
while (edges.size < Number(edgeCount)) {
  const from = Math.floor(random() * (N - 1));
  const to = Math.min(N - 1, from + 1 + Math.floor(random() * N * 0.12));
  edges.set(`${from} ${to}`, { from: `n${from}`, to: `n${to}` });
}
fs.writeFileSync(out, JSON.stringify({ code: `bench-${N}`, name: `示例大链 ${N}`, nodes, edges: [...edges.values()] }));
