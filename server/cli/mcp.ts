/**
 * `understudy mcp [folder...]`: the three things an assistant may do, over the Model Context Protocol on stdio. Answers hold schema and figures only; a value of a table leaves the machine's
 * owner only when they agree to it for that call, which the client must be able to ask (elicitation). Files outside the given folders are not touched.
 */
import { promises as fs } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Command } from 'commander';
import { z } from 'zod';
import { UserError } from '../errors';
import type { Jobs, StartedRun } from '../jobs/jobs';
import type { RunRecord } from '../protocol';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
/** What the tools need of the jobs; `onChange` is told of every change of a run. */
export interface Bench { jobs: Jobs; onChange(listener: (record: RunRecord) => void): () => void }

export function addMcp(root: Command, exit: (code: number) => void): void {
  root.command('mcp').argument('[folders...]', 'folders whose tables may be read and written beside (default: this one)')
    .description('serve inspect, synthesize and evaluate to an assistant (Model Context Protocol, stdio)')
    .addHelpText('after', `
Example, in the configuration of an assistant:
  ${JSON.stringify({ mcpServers: { understudy: { command: 'node', args: [process.argv[1], 'mcp', '/path/to/tables'] } } })}

Answers hold schema and figures. A value of a table is passed on only when you agree to it for that call.`)
    .action(async (folders: string[]) => {
      const [{ StdioServerTransport }, { Jobs }] = await Promise.all([import('@modelcontextprotocol/sdk/server/stdio.js'), import('../jobs/jobs')]);
      const listeners = new Set<(record: RunRecord) => void>();
      const jobs = new Jobs({ changed: (record) => listeners.forEach((l) => l(record)) }, undefined, undefined, true);
      const server = await assistantServer({ jobs, onChange: (l) => { listeners.add(l); return () => listeners.delete(l); } }, folders.length ? folders : ['.']);
      const transport = new StdioServerTransport();
      const closed = new Promise<void>((done) => {
        server.server.onclose = done;
        // A client that goes away closes our input; nothing it asked for goes on without it.
        process.stdin.once('end', () => void server.close());
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
      });
      await server.connect(transport);
      await closed;
      await jobs.close();
      exit(0);
    });
}

/** The server with its tools, not yet connected. @param folders the only ones whose files may be named */
export async function assistantServer({ jobs, onChange }: Bench, folders: readonly string[]): Promise<McpServer> {
  const [{ McpServer }, { runForAssistant, tableForAssistant }, { RunStore }, { versions }] = await Promise.all([import('@modelcontextprotocol/sdk/server/mcp.js'), import('../report/assistant'), import('../jobs/store'), import('../jobs/versions')]);
  const server = new McpServer({ name: 'understudy', version: versions().understudy! }, { instructions: 'Understudy makes synthetic stand-ins of tables on this machine and judges them. It tells schema and figures, never rows.' });
  const allowed = await Promise.all(folders.map((f) => fs.realpath(resolve(f))));

  /** A path inside the folders, links followed; of a file to be written, its folder's. */
  const inside = async (path: string, written = false): Promise<string> => {
    const full = resolve(allowed[0]!, path), real = written ? resolve(await fs.realpath(resolve(full, '..')).catch(() => resolve(full, '..')), basename(full)) : await fs.realpath(full).catch(() => full);
    if (!allowed.some((f) => { const r = relative(f, real); return (r !== '' || !written) && !r.startsWith('..') && !isAbsolute(r); }))
      throw new UserError('lies outside the folders this server was started for.', { file: path }, `They are: ${allowed.join(', ')}.`, 'usage');
    // A name that is mistaken is the assistant's to mend; it quotes nothing.
    if (!written && !(await fs.stat(real).catch(() => undefined))) throw new UserError('is not there.', { file: path }, `Names are relative to ${allowed[0]}.`, 'usage');
    return full;
  };
  /** The names of columns are schema: one that is not there is told before anything is begun. */
  const hasColumn = async (file: string, column: string | undefined): Promise<void> => {
    if (column === undefined) return;
    const names = (await jobs.inspect(file)).columns.map((c) => c.name);
    if (!names.includes(column)) throw new UserError(`There is no column "${column}".`, { file: basename(file) }, `It has ${names.slice(0, 100).join(', ')}${names.length > 100 ? ' and more' : ''}.`, 'usage');
  };
  const told = (answer: object): CallToolResult => ({ content: [{ type: 'text', text: JSON.stringify(answer, null, 1) }], structuredContent: answer as Record<string, unknown> });
  const guarded = async (work: () => Promise<CallToolResult>): Promise<CallToolResult> => {
    try { return await work(); } catch (error) {
      // What is wrong with a table's content may quote it.
      const text = error instanceof UserError ? (error.code === 'input' ? 'The table cannot be used as it is. `understudy inspect` in a terminal says what is wrong and where; it may quote cells and is not repeated here.' : error.toText()) : 'Something went wrong inside Understudy.';
      return { isError: true, content: [{ type: 'text', text }] };
    }
  };
  /** Whether the user says yes; undefined where the client cannot ask. */
  const agreed = async (message: string): Promise<boolean | undefined> => {
    if (!server.server.getClientCapabilities()?.elicitation) return undefined;
    const answer = await server.server.elicitInput({ message, requestedSchema: { type: 'object', properties: { agree: { type: 'boolean', title: 'I agree', default: false } }, required: ['agree'] } }, { timeout: 600_000 });
    return answer.action === 'accept' && answer.content?.agree === true;
  };
  const follow = async (begin: () => Promise<StartedRun>, extra: Extra): Promise<CallToolResult> => {
    const run = await begin(), { id } = run.record, token = extra._meta?.progressToken;
    let last = -1;
    const stop = onChange((r) => {
      const percent = Math.floor(100 * (r.progress?.fraction ?? 0));
      if (r.id !== id || token === undefined || percent <= last) return;
      last = percent;
      void extra.sendNotification({ method: 'notifications/progress', params: { progressToken: token, progress: percent, total: 100, ...(r.progress && { message: r.progress.phase }) } }).catch(() => undefined);
    });
    const cancel = () => void jobs.cancel(id);
    extra.signal.addEventListener('abort', cancel, { once: true });
    if (extra.signal.aborted) cancel();
    try {
      const record = await run.done, store = new RunStore(resolve(record.folder, '..', '..', '..'));
      const answer = told(runForAssistant(record, record.state === 'finished' ? await store.report(record) : undefined));
      return record.state === 'finished' ? answer : { ...answer, isError: true };
    } finally {
      stop();
      extra.signal.removeEventListener('abort', cancel);
    }
  };
  const declined: CallToolResult = { isError: true, content: [{ type: 'text', text: 'The user did not agree.' }] };

  server.registerTool('understudy_inspect', {
    title: 'Inspect a table', description: 'What each column of a table is (kind, missing cells, distinct values, warnings). Returns the schema and counts; no value of the table unless "values" is set and the user agrees.',
    inputSchema: { path: z.string().describe('The table: .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow or .feather'), values: z.boolean().optional().describe('Also extremes and most frequent values. The user is asked each time.') },
    annotations: { readOnlyHint: true, openWorldHint: false },
  }, ({ path, values }) => guarded(async () => {
    const file = await inside(path);
    if (values) {
      const yes = await agreed(`Pass values of ${basename(file)} (extremes and most frequent values of its columns) to the assistant, this once?`);
      if (yes === undefined) return { isError: true, content: [{ type: 'text', text: 'This client cannot ask the user whether values may be passed on, so they are not. Ask without "values".' }] };
      if (!yes) return declined;
    }
    return told(tableForAssistant(await jobs.inspect(file), values ?? false));
  }));

  server.registerTool('understudy_synthesize', {
    title: 'Synthesize a table', description: 'Learns a table and writes a synthetic one and a report beside it. Takes about a minute or two. Returns verdicts and figures on fidelity, utility and privacy, and where the files are; no rows.',
    inputSchema: {
      path: z.string().describe('The real table'), rows: z.int().positive().optional().describe('Rows to make; default: as many as the table has'), generator: z.string().optional().describe('Generator id; default: the best general one'),
      outcome: z.string().optional().describe('The column a model would predict'), holdout: z.string().optional().describe('Real rows to judge against'), out: z.string().optional().describe('The synthetic table; default: NAME.synthetic.EXT beside it'),
      seed: z.int().nonnegative().optional(), budget_seconds: z.number().positive().optional().describe('Upper bound on fitting'),
    },
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  }, ({ path, holdout, out, budget_seconds: budgetSeconds, ...rest }, extra) => guarded(async () => {
    const file = await inside(path);
    await hasColumn(file, rest.outcome);
    const request = { path: file, ...defined(rest), ...(holdout !== undefined && { holdout: await inside(holdout) }), ...(out !== undefined && { out: await inside(out, true) }), ...(budgetSeconds !== undefined && { budgetSeconds }) };
    // A client that cannot ask has its own rule for tools that write; ours never replaces a file that is not ours.
    if (await agreed(`Learn ${basename(file)} and write a synthetic table and a report${out ? ` (${out})` : ' beside it'}?`) === false) return declined;
    return follow(() => jobs.synthesize(request), extra);
  }));

  server.registerTool('understudy_evaluate', {
    title: 'Evaluate a synthetic table', description: 'Judges a synthetic table, whoever made it, against the real one, and writes a report. Returns verdicts and figures; no rows.',
    inputSchema: { real: z.string(), synthetic: z.string(), holdout: z.string().optional().describe('Real rows the synthetic table was not made from; without them privacy cannot be judged'), outcome: z.string().optional().describe('The column a model would predict') },
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
  }, ({ real, synthetic, holdout, outcome }, extra) => guarded(async () => {
    const request = { real: await inside(real), synthetic: await inside(synthetic), ...(holdout !== undefined && { holdout: await inside(holdout) }), ...(outcome !== undefined && { outcome }) };
    await hasColumn(request.real, outcome);
    if (await agreed(`Judge ${basename(request.synthetic)} against ${basename(request.real)}, and write a report beside it?`) === false) return declined;
    return follow(() => jobs.evaluate(request), extra);
  }));
  return server;
}

const defined = <T extends object>(o: T): { [K in keyof T]: Exclude<T[K], undefined> } => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as never;
