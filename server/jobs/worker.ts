import { utimes } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { cancelled, UserError } from '../errors';
import type { WorkerMessage, WorkerRequest } from '../protocol';
import { systemError } from '../targets/source';
import type { JobContext } from './job';
import { files } from './store';

/**
 * The process that computes. It is told one job by its parent, sends progress, and ends with the job; profiles are
 * the exception, for which it stays. It never decides its own end: Ctrl-C in a terminal reaches the whole group, and
 * the parent, which knows what to save and say, then cancels us.
 */
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit(1));
process.on('disconnect', () => process.exit(1));
process.on('uncaughtException', (error) => finish(failure(error)));
process.on('unhandledRejection', (error) => finish(failure(error)));

// Before any native library starts its threads: they take over this thread's priority.
if (process.argv.includes('--polite')) {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // not allowed here: then all are equal
  }
}

let stop = false;

const send = (message: WorkerMessage): Promise<void> =>
  new Promise((resolve) => (process.connected ? process.send!(message, undefined, {}, () => resolve()) : resolve()));

let lastBreath = 0;
const job: JobContext = {
  send: (message) => void send(message),
  async breathe() {
    // Messages are only heard between turns of the event loop; ten a second is enough, and a turn is not free.
    const now = Date.now();
    if (now - lastBreath >= 100) {
      lastBreath = now;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (stop) throw cancelled();
  },
};

process.on('message', (request: WorkerRequest) => {
  if (request.type === 'cancel') {
    stop = true;
    return;
  }
  // Questions, after which the worker stays.
  if (request.type === 'inspect') return reply(import('./inspect').then((m) => m.inspectJob(request.path, request.overrides, request.values)).then((profile) => ({ type: 'profile', profile })));
  if (request.type === 'rows') return reply(import('../targets/ask').then((m) => m.askRows(request.path, request.overrides, request.question)).then((answer) => ({ type: 'rows', answer })));
  if (request.type === 'pair') return reply(import('./pair').then((m) => m.pairJob(request.folder, request.a, request.b)).then((picture) => ({ type: 'pair', picture })));
  // Proof of life for a parent that died and came back; see RunStore.
  const log = join(request.folder, files.log);
  setInterval(() => void utimes(log, new Date(), new Date()).catch(() => undefined), 2000).unref();
  const done = request.type === 'synthesize'
    ? import('./synthesize').then((m) => m.synthesizeJob(request.folder, request.plan, request.resume, job))
    : request.type === 'collapse' ? import('./laboratory/collapse').then((m) => m.collapseJob(request.folder, request.plan, job))
    : import('./evaluate').then((m) => m.evaluateJob(request.folder, request.plan, job));
  done.then(finish, (error) => finish(failure(error)));
});

const reply = (answer: Promise<WorkerMessage>): void => void answer.then(send, (error) => send(failure(error)));

let finishing = false;
function finish(message: WorkerMessage): void {
  if (finishing) return;
  finishing = true;
  // A native library's threads may outlast the job; they have nothing more to do.
  void send(message).then(() => process.exit(0));
}

/** What a user is told: a UserError's own words; the system's in plain ones; anything else is a defect of ours, whose stack goes to the log. */
function failure(thrown: unknown): Extract<WorkerMessage, { type: 'failed' }> {
  let error = systemError(thrown, (thrown as NodeJS.ErrnoException | undefined)?.path ?? 'A file', 'read');
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof UserError) && /Array buffer allocation failed|Invalid (typed )?array length|bad_alloc|out of memory/i.test(text))
    error = new UserError('The run needed more memory than there is.', {}, 'Use fewer rows or columns, or a machine with more memory.', 'system');
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  if (error instanceof UserError)
    return { type: 'failed', error: { message: error.message, place: { ...error.place }, code: error.code, ...(error.hint !== undefined && { hint: error.hint }), ...(stack && { stack }) } };
  return { type: 'failed', error: { message: `Something went wrong inside Understudy: ${text.split('\n')[0]}`, hint: 'This is a defect of ours; the log of the run has the details.', code: 'defect', ...(stack && { stack }) } };
}
