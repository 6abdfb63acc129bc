import { createConnection, ProposedFeatures, ResponseError, type CancellationToken } from 'vscode-languageserver/node';
import { UserError } from './errors';
import { automatic } from './generators/auto';
import { findGenerator, generators } from './generators/registry';
import { Insight } from './insight/insight';
import { health } from './jobs/health';
import { readResult } from './jobs/laboratory/publish';
import { Jobs, type StartedRun } from './jobs/jobs';
import { RunStore } from './jobs/store';
import { versions } from './jobs/versions';
import { Language } from './language/language';
import { answersOf } from './language/requests';
import { defaults } from './plan/defaults';
import { runForAssistant, tableForAssistant } from './report/assistant';
import type { Requests, RunRecord } from './protocol';

/**
 * The language server. It never computes: reading, fitting and judging happen in worker processes, and this one only
 * passes messages, so that the editor gets its answers at once whatever else is going on.
 */

// `node main.js` alone speaks over stdio; an editor that wants something else says so (--node-ipc, --socket=...).
if (!process.argv.some((a) => /^--(stdio|node-ipc|socket|pipe)/.test(a))) process.argv.push('--stdio');
const connection = createConnection(ProposedFeatures.all);

const jobs = new Jobs({
  changed(record) {
    if (record.state !== 'running') {
      insight.changed();
      language.runChanged();
    }
    void connection.sendNotification('understudy/run', record);
  },
}, undefined, undefined, true);
/** What the editor shows on tables. */
const insight = new Insight((path, overrides) => jobs.inspect(path, overrides));
/** The `.synth` language; the only documents that are synced are its own. */
const language = new Language({ inspect: (path, values) => jobs.inspect(path, undefined, values), rows: (path, overrides, question) => jobs.rows(path, overrides, question), connection, serverInfo: { name: 'understudy', version: versions().understudy! } });

/** Codes of our errors on the wire; the data says what a client can show. */
const userErrorCode = -32001;
const defectCode = -32603;

/** Registers a typed request; a UserError arrives in its own words, anything else as a defect, and is logged. */
function answer<M extends keyof Requests>(method: M, handler: (params: Requests[M][0], token: CancellationToken) => Promise<Requests[M][1]>): void {
  connection.onRequest(method, async (params: Requests[M][0], token: CancellationToken) => {
    try {
      return await handler(params, token);
    } catch (error) {
      if (error instanceof UserError) return new ResponseError(userErrorCode, error.toText(), { message: error.message, place: error.place, hint: error.hint, code: error.code });
      connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return new ResponseError(defectCode, `Something went wrong inside Understudy: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

/** The run is answered as it stands now; what becomes of it arrives as notifications. */
const started = async (run: Promise<StartedRun>): Promise<RunRecord> => (await run).record;
/** A store by the folder that holds `.understudy`. */
const storeAt = (folder: string): RunStore => new RunStore(folder);

answer('understudy/inspect', ({ path, overrides }) => jobs.inspect(path, overrides));
answer('understudy/synthesize', (request) => started(jobs.synthesize(request)));
answer('understudy/evaluate', (request) => started(jobs.evaluate(request)));
answer('understudy/resume', ({ id, folder }) => started(jobs.resume(storeAt(folder), id)));
answer('understudy/repeat', ({ id, folder }) => started(jobs.repeat(storeAt(folder), id)));
answer('understudy/cancel', async ({ id }) => {
  await jobs.cancel(id);
  return null;
});
answer('understudy/runs', ({ folder }) => storeAt(folder).list());
answer('understudy/report', ({ folder }) => storeAt(folder).report({ folder }));
answer('understudy/pair', ({ folder, a, b }) => jobs.pair(folder, a, b));
answer('understudy/inline', (query) => insight.inline(query));
answer('understudy/inlineMarks', (query) => insight.marks(query));
answer('understudy/inlineHover', (query) => insight.hover(query));
answer('understudy/inlineExposure', (query) => insight.exposure(query));
answer('understudy/delete', async ({ id, folder }) => {
  await jobs.remove(storeAt(folder), id);
  insight.changed();
  return null;
});
answer('understudy/collapse', (request) => started(jobs.collapse(request)));
answer('understudy/explore', (request) => started(jobs.explore(request)));
answer('understudy/laboratory', async ({ folder }) => (await readResult(folder)) ?? null);
answer('understudy/rename', async ({ id, folder, ...labels }) => {
  const store = storeAt(folder);
  return store.label(await store.find(id), labels);
});

const keepsBudget = (id: string) => id === automatic.id || findGenerator(id)?.capabilities.differentialPrivacy === true;
answer('understudy/generators', async () => [...generators, automatic].map(({ id, name, family, summary }) => ({ id, name, family, summary, isDefault: id === defaults.generator, ...(keepsBudget(id) && { keepsBudget: true }), ...(findGenerator(id)?.underBudget && { underBudget: findGenerator(id)!.underBudget! }) })));
answer('understudy/assistant', async (query) => {
  if (query.about === 'table') return tableForAssistant(await jobs.inspect(query.path), query.values ?? false);
  const store = storeAt(query.folder), record = await store.find(query.id);
  return runForAssistant(record, record.state === 'finished' ? await store.report(record) : undefined);
});
answer('understudy/health', async () => health(jobs.going()));
const ofLanguage = answersOf(language, jobs);
answer('understudy/targets', (query) => ofLanguage.targets(query));
answer('understudy/runTarget', (request) => started(ofLanguage.runTarget(request)));
answer('understudy/schema', (request) => ofLanguage.schema(request));

connection.onNotification('understudy/theme', ({ theme }: { theme: 'light' | 'dark' | 'hc-light' | 'hc-dark' }) => language.setTheme(theme));

let closing: Promise<void> | undefined;
connection.onShutdown(() => (closing ??= jobs.close()));
// The editor went away without a word: the workers must not outlive it.
connection.onExit(() => jobs.killAll());
process.on('exit', () => jobs.killAll());
process.on('disconnect', () => process.exit(1));
language.listen();
