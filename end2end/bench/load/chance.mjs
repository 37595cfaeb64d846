// Chance that comes out the same on every run.

/** Mulberry32: numbers in [0, 1) from a seed. */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const whole = (from, until) => from + Math.floor(next() * (until - from + 1));
  return {
    next,
    /** A whole number, both ends included. */
    whole,
    one: (list) => list[whole(0, list.length - 1)],
    /** A key of `{key: weight}`; keys that are numbers come back as numbers. */
    weighed(weights) {
      const pairs = Object.entries(weights);
      let left = next() * pairs.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of pairs) {
        left -= weight;
        if (left < 0) return /^\d+$/.test(key) ? Number(key) : key;
      }
      const last = pairs[pairs.length - 1][0];
      return /^\d+$/.test(last) ? Number(last) : last;
    },
    /** Exponential with a mean: many small, few large. */
    waited: (mean) => -Math.log(1 - next()) * mean,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffled(list) {
      const mixed = list.slice();
      for (let index = mixed.length - 1; index > 0; index -= 1) {
        const other = whole(0, index);
        [mixed[index], mixed[other]] = [mixed[other], mixed[index]];
      }
      return mixed;
    },
  };
}

/** Answers that a rule of the pack takes, for a day `YYYY-MM-DD`. `money` is 万元. */
export function answers(rule, day, money = 5000) {
  const of = {
    text: () => '负载测试所填',
    money_wan: () => money,
    number: () => 30,
    date: () => day,
    choice: (field) => field.choices.find((choice) => !(field.refused ?? []).includes(choice)),
  };
  const given = {};
  for (const field of rule.evidence) {
    // A credit code belongs to one company; no load is worth making one up.
    if (of[field.kind]) given[field.key] = of[field.kind](field);
  }
  return given;
}

/** `--name value` and `--flag` of the command line; what has no name comes as `rest`. */
export function options(defaults, argv = process.argv.slice(2)) {
  const given = { ...defaults, rest: [] };
  for (let index = 0; index < argv.length; index += 1) {
    const name = argv[index].startsWith('--') ? argv[index].slice(2) : undefined;
    if (name === undefined) {
      given.rest.push(argv[index]);
    } else if (!(name in defaults)) {
      throw new Error(`Nobody knows --${name}; there are ${Object.keys(defaults).map((key) => `--${key}`).join(' ')}.`);
    } else if (typeof defaults[name] === 'boolean') {
      given[name] = true;
    } else {
      index += 1;
      const value = typeof defaults[name] === 'number' ? Number(argv[index]) : argv[index];
      if (value === undefined || Number.isNaN(value)) throw new Error(`--${name} needs a value.`);
      given[name] = value;
    }
  }
  return given;
}
