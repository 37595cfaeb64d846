// Either database from the outside, without a driver: psql for PostgreSQL; for SQLite what Node.js has since
// 22.13, else Python.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PYTHON = `
import json, sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=60) as connection:
    connection.execute("PRAGMA foreign_keys = ON")
    if sys.argv[2] == "ask":
        connection.row_factory = sqlite3.Row
        print(json.dumps([dict(row) for row in connection.execute(sys.stdin.read())]))
    else:
        def rows(lines):
            for line in lines:
                if line == "\\n":
                    return
                yield json.loads(line)
        with open(sys.argv[3], encoding="utf-8") as lines:
            for statement in lines:
                connection.executemany(json.loads(statement), rows(lines))
connection.close()
`;

/** Opens `postgres://…`, `sqlite://PATH?…` or the path of a SQLite file. */
export async function open(address) {
  if (!address) throw new Error('Which database? Name the address or the file.');
  if (/^postgres(ql)?:/.test(address)) return postgres(address);
  const path = decodeURIComponent(address.replace(/^sqlite:(\/\/)?/, '').replace(/\?.*$/, ''));
  if (!existsSync(path)) throw new Error(`There is no database ${path}; run \`wutong demo load\` first.`);
  const module = await import('node:sqlite').catch(() => undefined);
  return module ? embedded(new module.DatabaseSync(path)) : python(path);
}

function insert({ table, columns }) {
  return `INSERT INTO ${table} (${columns.map((name) => `"${name}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}

const plain = (value) => (value === true ? 1 : value === false ? 0 : value);

function embedded(database) {
  database.exec('PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 60000');
  return {
    kind: 'sqlite',
    ask: async (sql) => database.prepare(sql).all().map((row) => ({ ...row })),
    async load(tables) {
      database.exec('BEGIN IMMEDIATE');
      for (const table of tables) {
        const statement = database.prepare(insert(table));
        for (const row of table.rows) statement.run(...row.map(plain));
      }
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

function python(path) {
  const run = (words, input) => {
    const ended = spawnSync('python3', ['-c', PYTHON, path, ...words], { input, encoding: 'utf8', maxBuffer: 1 << 30 });
    if (ended.error) throw new Error('SQLite needs Node.js 22.13 or python3.');
    if (ended.status !== 0) throw new Error(ended.stderr);
    return ended.stdout;
  };
  return {
    kind: 'sqlite',
    ask: async (sql) => JSON.parse(run(['ask'], sql)),
    async load(tables) {
      const folder = mkdtempSync(join(tmpdir(), 'wutong-load-'));
      try {
        const path = join(folder, 'rows');
        const file = createWriteStream(path);
        for (const table of tables) {
          await say(file, `${JSON.stringify(insert(table))}\n`);
          await sayRows(file, table.rows, (row) => `${JSON.stringify(row.map(plain))}\n`);
          await say(file, '\n');
        }
        file.end();
        await once(file, 'finish');
        run(['load', path]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    close() {},
  };
}

function postgres(address) {
  const words = [address, '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--tuples-only', '--no-align'];
  return {
    kind: 'postgres',
    async ask(sql) {
      const ended = spawnSync('psql', words, {
        input: `SELECT coalesce(json_agg(t), '[]') FROM (${sql}) t`,
        encoding: 'utf8',
        maxBuffer: 1 << 30,
      });
      if (ended.error) throw new Error('PostgreSQL needs psql.');
      if (ended.status !== 0) throw new Error(ended.stderr);
      return JSON.parse(ended.stdout);
    },
    async run(sql) {
      const ended = spawnSync('psql', [...words, `--command=${sql}`], { encoding: 'utf8' });
      if (ended.error) throw new Error('PostgreSQL needs psql.');
      if (ended.status !== 0) throw new Error(ended.stderr);
    },
    async load(tables) {
      const child = spawn('psql', [...words, '--single-transaction', '--file=-'], { stdio: ['pipe', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (bytes) => (said += bytes));
      child.stdin.on('error', () => {});
      const ended = once(child, 'close');
      const escaped = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
      const cell = (value) => (value === null || value === undefined ? '\\N' : String(value).replace(/[\\\t\n\r]/g, (one) => escaped[one]));
      for (const table of tables) {
        await say(child.stdin, `COPY ${table.table} (${table.columns.map((name) => `"${name}"`).join(', ')}) FROM STDIN;\n`);
        await sayRows(child.stdin, table.rows, (row) => `${row.map(cell).join('\t')}\n`);
        await say(child.stdin, '\\.\n');
      }
      // Ids were given, so the sequences have not moved.
      for (const { table, columns } of tables) {
        if (columns[0] === 'id') {
          await say(child.stdin, `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}));\n`);
        }
      }
      child.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw new Error(said);
      // What the server itself would do within minutes.
      await this.run('ANALYZE');
    },
    close() {},
  };
}

/** Writes, and waits while the other side is behind; to one that is gone it writes nothing. */
function say(stream, text) {
  if (stream.destroyed || stream.write(text)) return undefined;
  return new Promise((done) => {
    const go = () => {
      stream.off('drain', go);
      stream.off('close', go);
      done();
    };
    stream.on('drain', go);
    stream.on('close', go);
  });
}

async function sayRows(stream, rows, line) {
  let part = '';
  for (const row of rows) {
    part += line(row);
    if (part.length > 1 << 16) {
      await say(stream, part);
      part = '';
    }
  }
  await say(stream, part);
}
