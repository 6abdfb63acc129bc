import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors';
import type { WorkerMessage, WorkerRequest } from '../protocol';

/** How long a worker may take to stop by itself after a cancel, before it is killed. */
export const graceMs = 500;

/** How a worker ended. `stderr` is the end of what it, and the native libraries in it, wrote there. */
export interface WorkerExit { code: number | null; signal: NodeJS.Signals | null; stderr: string }

/** The built worker beside this bundle: `dist/server/worker.js`, whether we run from `dist/cli.js` or `dist/server/main.js`. */
export function workerPath(): string {
  const candidates = [join(__dirname, 'server', 'worker.js'), join(__dirname, 'worker.js')];
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new UserError('The build is incomplete: the worker is missing.', { file: candidates[0]! }, 'Run "npm run build".', 'system');
  return found;
}

/**
 * One forked Node process that computes. It lives apart so that a native crash, an endless call or the system's
 * out-of-memory killer takes one job and nothing else; nothing it does can block us.
 */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private tail = '';
  private stopping = false;
  /** Resolves, and never rejects, once the process is gone. */
  readonly exited: Promise<WorkerExit>;

  /** @param polite whether the worker gives way to other programs: an editor must stay quick while it computes. */
  constructor(path: string, onMessage: (message: WorkerMessage) => void, onOutput?: (text: string) => void, polite = false) {
    // Half the machine's memory for JavaScript objects: the rest of a job (DuckDB, ONNX Runtime, typed arrays) lies outside that heap.
    const heapMb = Math.max(1024, Math.floor(totalmem() / 2 ** 21));
    this.child = fork(path, polite ? ['--polite'] : [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [`--max-old-space-size=${heapMb}`, '--enable-source-maps'],
      windowsHide: true,
    } as Parameters<typeof fork>[2]);
    const keep = (data: Buffer) => {
      const text = data.toString('utf8');
      this.tail = (this.tail + text).slice(-8192);
      onOutput?.(text);
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.child.on('message', (message) => onMessage(message as WorkerMessage));
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ code: null, signal: null, stderr: `${this.tail}${error.message}` }));
      // 'close', not 'exit': the last words on stderr are in by then.
      this.child.once('close', (code, signal) => resolve({ code, signal, stderr: this.tail }));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(request: WorkerRequest): void {
    if (this.child.connected) this.child.send(request, () => undefined);
  }

  /** Asks the job to stop, and half a second later does not ask any more. */
  async cancel(): Promise<void> {
    if (!this.stopping) {
      this.stopping = true;
      this.send({ type: 'cancel' });
      const timer = setTimeout(() => this.kill(), graceMs);
      void this.exited.then(() => clearTimeout(timer));
    }
    await this.exited;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Whether our own process must wait for this one: yes while it works for us, no while it idles. */
  keepsUsAlive(yes: boolean): void {
    const handles = [this.child, this.child.channel, this.child.stdout, this.child.stderr] as unknown as Array<{ ref?: () => void; unref?: () => void } | null | undefined>;
    for (const handle of handles) yes ? handle?.ref?.() : handle?.unref?.();
  }
}

/** Why a worker that said nothing is gone, in words a user can act on. */
export function explainExit({ code, signal, stderr }: WorkerExit): UserError {
  const tooBig = 'Close other programs, use fewer rows or columns, or a machine with more memory; the run can be resumed.';
  if (/heap out of memory|bad_alloc|Array buffer allocation failed|Cannot allocate memory/i.test(stderr))
    return new UserError('The run needed more memory than there is and was ended.', {}, tooBig, 'system');
  if (signal === 'SIGKILL')
    return new UserError('The run\'s process was killed from outside, most likely by the system because memory ran out.', {}, tooBig, 'system');
  if (signal === 'SIGSEGV' || signal === 'SIGBUS' || signal === 'SIGILL' || signal === 'SIGABRT' || signal === 'SIGFPE')
    return new UserError(`A native library crashed in the run's process (${signal}); nothing else was affected.`, {}, 'Resume the run; if it crashes again, try --device cpu.', 'engine');
  if (signal) return new UserError(`The run's process was ended by ${signal}.`, {}, 'The run can be resumed.', 'system');
  return new UserError(`The run's process ended unexpectedly (code ${code ?? 'none'}).`, {}, 'The run can be resumed.', 'engine');
}
