/**
 * Child processes that cannot outlive the harness: each gets a process group of its own, and every group still alive is
 * ended when the harness ends, however it ends (normally, by an exception, by Ctrl-C).
 */
import { spawn } from 'node:child_process';

const groups = new Set();

function signal(pid, name) {
  try { process.kill(-pid, name); return true; } catch { return false; }
}

/** Whether any process of the group is left. */
const alive = (pid) => signal(pid, 0);

/** Start a process in a group of its own. Its output is the caller's to read. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: true });
  if (child.pid) groups.add(child.pid);
  return child;
}

/** End the whole group: politely, then for good after two seconds. Resolves when nobody of it is left. */
export async function end(child) {
  const pid = child?.pid;
  if (!pid) return;
  signal(pid, 'SIGTERM');
  for (let i = 0; i < 40 && alive(pid); i++) await new Promise((r) => setTimeout(r, 50));
  if (alive(pid)) signal(pid, 'SIGKILL');
  for (let i = 0; i < 40 && alive(pid); i++) await new Promise((r) => setTimeout(r, 50));
  groups.delete(pid);
}

/** Run to the end; rejects with the tail of the output on a non-zero exit or after `timeout` ms. */
export function run(command, args, { timeout = 300_000, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options);
    let output = '';
    const keep = (chunk) => { output = (output + chunk).slice(-20_000); };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => { keep(`\n(stopped after ${timeout / 1000} s)`); signal(child.pid, 'SIGKILL'); }, timeout);
    child.on('error', (error) => { clearTimeout(timer); reject(error); });
    child.on('close', (code) => {
      clearTimeout(timer);
      groups.delete(child.pid);
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${output.slice(-4000)}`));
    });
  });
}

/** Reject when the promise has not settled in time, naming what was waited for; the error is `late`. */
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(Object.assign(new Error(`${what} took longer than ${ms / 1000} s`), { late: true })), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

process.on('exit', () => { for (const pid of groups) signal(pid, 'SIGKILL'); });
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(130));
