// The processes that bench/generators.mjs starts: each fit in one of its own, with an end; the judges beside each other.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs a program to its end, or, with all that it started, to `limit` seconds.
 * @returns its exit code, what it wrote, the end of what it complained of, and whether it was stopped
 */
export function run(program, args, { env, limit }) {
  return new Promise((done) => {
    // A group of its own, so that what a peer starts ends with it.
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }), said = { out: '', err: '' };
    let stopped = false;
    const end = () => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ } };
    const timer = limit ? setTimeout(() => { stopped = true; end(); }, 1000 * limit) : undefined;
    process.once('exit', end);
    child.stdout.setEncoding('utf8').on('data', (text) => { said.out += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { said.err = (said.err + text).slice(-20_000); });
    child.on('error', (error) => { said.err += error.message; });
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      done({ code, out: said.out, stopped, end: (said.err || said.out).trim().split(/[\n\r]/).filter(Boolean).slice(-3).join(' | ').slice(-400) || `exit ${code}` });
    });
  });
}

/** The JSON value that a program printed, alone or as its last line. */
export function lastJson(text) {
  const whole = text.trim();
  try { return JSON.parse(whole); } catch { return JSON.parse(whole.split('\n').at(-1)); }
}

/** Our evaluation, and SDMetrics in a Python that stays, so that it is loaded once. */
export class Judge {
  constructor(options) { this.options = options; }

  /** @returns the figures of a made table, SDMetrics' where there is one, and what kept them from being made */
  async of({ train, holdout, outcome, judged }, made) {
    const { cli, work, env } = this.options;
    const [ours, theirs] = await Promise.all([
      run(process.execPath, [cli, 'evaluate', train, made, '--holdout', holdout, '--outcome', outcome, '--seed', '0', '--in', work, '--report', `${made}.html`, '--force', '--json'], { env, limit: 900 }),
      this.sdmetrics(train, made, judged),
    ]);
    const failed = [ours.code === 0 ? '' : `evaluation: ${ours.end}`, theirs?.error ? `SDMetrics: ${theirs.error}` : ''].filter(Boolean).join('; ');
    return { figures: ours.code === 0 ? figuresOf(lastJson(ours.out)) : {}, ...(theirs && !theirs.error && { sdmetrics: theirs }), ...(failed && { failed }) };
  }

  sdmetrics(...asked) {
    const { python, script, env } = this.options;
    if (!python) return Promise.resolve(undefined);
    if (!this.child) {
      this.child = spawn(python, [script, 'judge'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
      this.child.stdin.on('error', () => undefined);
      this.child.on('exit', () => { this.child = undefined; this.answer?.({ error: 'its process ended' }); });
      createInterface({ input: this.child.stdout }).on('line', (line) => { if (line.startsWith('{')) this.answer?.(JSON.parse(line)); });
    }
    return new Promise((done) => {
      const timer = setTimeout(() => this.child?.kill('SIGKILL'), 900_000);
      this.answer = (value) => { clearTimeout(timer); done(value); };
      this.child.stdin.write(`${JSON.stringify(asked)}\n`);
    });
  }

  close() { this.child?.kill('SIGKILL'); }
}

function figuresOf(r) {
  const f = r.figures ?? r.run?.figures ?? {}, v = (id) => f[id]?.value ?? null, other = (id) => f[id]?.reference?.value ?? null;
  return {
    shapes: v('fidelity.shapes'), pairs: v('fidelity.pair-trends'), pairsAll: v('fidelity.pair-trends-all'), twoSample: v('fidelity.two-sample'), utility: v('utility.tstr'), utilityReal: other('utility.tstr'),
    membership: v('privacy.membership-auc'), near: v('privacy.near-copies'), nearControl: other('privacy.near-copies'), exact: v('privacy.exact-copies'), exactControl: other('privacy.exact-copies'),
  };
}
