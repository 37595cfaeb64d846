/**
 * Starts `wutong serve --demo` with a folder and a port of its own, waits until it answers, and stops it
 * when the tests are done. WUTONG_URL in the environment means: use the server that runs there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** The demo zone is loaded, matched and indexed before the first answer. */
const PATIENCE_MS = 120_000;

export default async function start(): Promise<(() => Promise<void>) | void> {
  if (process.env.WUTONG_URL) return;
  const binary = process.env.WUTONG_BINARY;
  if (!binary || !existsSync(binary)) {
    throw new Error(`WUTONG_BINARY must name the program wutong (now: ${binary ?? 'unset'}); \`make test\` sets it.`);
  }
  const data = mkdtempSync(join(tmpdir(), 'wutong-end2end-'));
  const results = resolve(here, '../results');
  mkdirSync(results, { recursive: true });
  const logFile = join(results, 'server.log');
  const log = createWriteStream(logFile);
  const address = `127.0.0.1:${await freePort()}`;

  // The tester's own settings must not decide what is tested.
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of ['DATABASE_URL', 'MEILI_URL', 'MEILI_KEY', 'WUTONG_CONFIG', 'WUTONG_SECURE_COOKIES', 'WUTONG_TRUSTED_ORIGINS']) delete env[name];
  const server = spawn(resolve(binary), ['serve', '--demo'], {
    cwd: data,
    env: {
      ...env,
      WUTONG_DATA: data,
      WUTONG_ADDR: address,
      WUTONG_SITE: resolve(process.env.WUTONG_SITE || resolve(here, '../../target/site')),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });
  const killWithUs = () => server.kill('SIGKILL');
  process.once('exit', killWithUs);

  const stop = async () => {
    await end(server);
    process.off('exit', killWithUs);
    log.end();
    rmSync(data, { recursive: true, force: true });
  };

  try {
    await untilHealthy(`http://${address}/health`, server);
  } catch (error) {
    await stop();
    const tail = readFileSync(logFile, 'utf8').split('\n').slice(-30).join('\n');
    throw new Error(`${(error as Error).message} The server's last words (${logFile}):\n${tail}`);
  }
  process.env.WUTONG_URL = `http://${address}`;
  return stop;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('No free port.'))));
    });
  });
}

async function untilHealthy(url: string, server: ChildProcess): Promise<void> {
  let failure: Error | undefined;
  server.once('error', (error) => (failure = new Error(`The server cannot be started: ${error.message}.`)));
  server.once('exit', (code, signal) => (failure ??= new Error(`The server ended at its start (${code ?? signal}).`)));
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (failure) throw failure;
    try {
      if ((await fetch(url)).status === 200) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${url} did not answer 200 within ${PATIENCE_MS / 1000} s.`);
}

/** Asks first, then insists. */
async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise<void>((done) => server.once('exit', () => done()));
  server.kill('SIGTERM');
  const insist = setTimeout(() => server.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(insist);
}
