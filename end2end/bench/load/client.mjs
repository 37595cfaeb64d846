// One signed-in person over one kept connection.
import { Agent, request } from 'node:http';

export const PASSWORD = 'wutong-demo-2026';

export class Person {
  constructor(base, login) {
    this.base = new URL(base);
    this.login = login;
    this.agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.cookie = undefined;
  }

  /** Sends a request and waits for the last byte. Resolves to status, headers, body as text and milliseconds. */
  ask(path, { method = 'GET', headers = {}, body, compressed = false } = {}) {
    return new Promise((done, fail) => {
      const sent = { ...headers };
      if (this.cookie) sent.cookie = this.cookie;
      // As browsers ask for pages; the body then is not looked into.
      if (compressed) sent['accept-encoding'] = 'gzip, deflate';
      if (body !== undefined) sent['content-length'] = Buffer.byteLength(body);
      const started = performance.now();
      const call = request(new URL(path, this.base), { method, headers: sent, agent: this.agent }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', fail);
        answer.on('end', () => {
          const took = performance.now() - started;
          done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString('utf8'), took });
        });
      });
      call.on('error', fail);
      call.end(body);
    });
  }

  page(path) {
    return this.ask(path, { compressed: true });
  }

  /** GET of the API, read. */
  async read(path) {
    const answer = await this.ask(path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body.slice(0, 200)}`);
    return JSON.parse(answer.body);
  }

  send(path, value, headers = {}) {
    return this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) });
  }

  async signIn() {
    const body = new URLSearchParams({ login: this.login, password: PASSWORD }).toString();
    const answer = await this.ask('/login', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
    this.cookie = answer.headers['set-cookie']?.[0]?.split(';')[0];
    if (!this.cookie) throw new Error(`${this.login} is not let in: ${answer.status} ${answer.headers.location ?? ''}`);
    return this;
  }

  move(lead, to, evidence, reason) {
    return this.send(`/api/v1/leads/${lead.id}/stage`, { to, evidence, reason }, { 'if-match': `"${lead.version}"` });
  }

  note(leadId, kind, body) {
    return this.send('/api/add_event', { new: { lead_id: leadId, kind, body } });
  }

  close() {
    this.agent.destroy();
  }
}
