/** Language model tools: an assistant in the editor may inspect, synthesize and evaluate, each after the user's yes; it is told schema and figures (server/report/assistant.ts). */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import { quotesTable } from '../errors';
import { t } from '../l10n';
import * as requests from '../requests';
import { homeOf, isTable } from '../tables';
import { folderOf } from '../target';

interface InspectInput { path: string; values?: boolean }
interface SynthesizeInput { path: string; rows?: number; generator?: string; outcome?: string; holdout?: string; seed?: number; budgetSeconds?: number }
interface EvaluateInput { real: string; synthetic: string; holdout?: string; outcome?: string }

export function registerAssistant(context: Context): void {
  const { server } = context, name = (file: string) => `\`${path.basename(file).replaceAll('`', '')}\``;
  register<InspectInput>(context, 'understudy_inspect', {
    prepare: ({ path: file, values }) => ({
      invocationMessage: t('Inspecting {0}', path.basename(file)),
      // Schema and counts are what a reader of the file's first line and a counter know; values are another matter.
      ...(values && { confirmationMessages: { title: t('Pass Values to the Assistant?'), message: new vscode.MarkdownString(t('Extremes and most frequent values of the columns of {0} would be passed to the assistant\'s provider, this once. Identifiers, free text and personal data are left out.', name(file))) } }),
    }),
    run: async ({ path: file, values }) => server.ask(requests.assistant, { about: 'table', path: await tableAt(file), ...(values && { values }) }),
  });
  register<SynthesizeInput>(context, 'understudy_synthesize', {
    writes: true,
    prepare: ({ path: file }) => ({ invocationMessage: t('Synthesizing {0}', path.basename(file)), confirmationMessages: { title: t('Synthesize a Table?'), message: new vscode.MarkdownString(t('Understudy learns {0} on this machine, and writes a synthetic table and a report beside it. The assistant is told the figures.', name(file))) } }),
    // Field by field: the editor does not hold an assistant to the tool's schema, and a request has fields that are the user's alone.
    run: async ({ path: file, holdout, rows, generator, outcome, seed, budgetSeconds }, token) => {
      const real = await tableAt(file), control = holdout === undefined ? undefined : await tableAt(holdout), said = context.columns.of(real);
      return finished(context, token, () => server.ask(requests.synthesize, {
        path: real, folder: folderOf(real), device: settings().device, ...(control !== undefined && { holdout: control }), ...(rows !== undefined && { rows }), ...(generator !== undefined && { generator }),
        ...(outcome !== undefined && { outcome }), ...(seed !== undefined && { seed }), ...(budgetSeconds !== undefined && { budgetSeconds }), ...(Object.keys(said).length > 0 && { columns: said }),
      }));
    },
  });
  register<EvaluateInput>(context, 'understudy_evaluate', {
    writes: true,
    prepare: ({ real, synthetic }) => ({ invocationMessage: t('Evaluating {0}', path.basename(synthetic)), confirmationMessages: { title: t('Evaluate a Synthetic Table?'), message: new vscode.MarkdownString(t('Understudy judges {0} against {1} on this machine, and writes a report. The assistant is told the figures.', name(synthetic), name(real))) } }),
    run: async ({ real, synthetic, holdout, outcome }, token) => {
      const [a, b] = [await tableAt(real), await tableAt(synthetic)], control = holdout === undefined ? undefined : await tableAt(holdout);
      return finished(context, token, () => server.ask(requests.evaluate, { real: a, synthetic: b, ...(control !== undefined && { holdout: control }), ...(outcome !== undefined && { outcome }), seed: 1, device: settings().device, columns: context.columns.of(a), folder: folderOf(b) }));
    },
  });
}

interface Tool<I> { writes?: boolean; prepare(input: I): vscode.PreparedToolInvocation; run(input: I, token: vscode.CancellationToken): Promise<object> }
function register<I>(context: Context, name: string, tool: Tool<I>): void {
  context.own(vscode.lm.registerTool<I>(name, {
    prepareInvocation: ({ input }) => tool.prepare(input),
    async invoke({ input }, token) {
      if (tool.writes && !vscode.workspace.isTrusted) return told({ error: 'The workspace is not trusted; tables are made and judged in trusted workspaces only.' });
      try {
        return told(await tool.run(input, token));
      } catch (error) {
        context.log.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        // What is wrong with a table's content may quote it: that is for the user, in the log.
        return told({ error: quotesTable(error) ? 'The table cannot be used as it is; the reason was written to the Understudy log for the user.' : error instanceof Error ? error.message : String(error) });
      }
    },
  }));
}
const told = (answer: object) => new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(answer, null, 1))]);

/** A path of the assistant's: absolute, or below a workspace folder. */
function pathOf(given: string): string {
  return path.isAbsolute(given) ? given : path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', given);
}
/** @throws Error for what is no table of the workspace: an assistant has no business elsewhere */
async function tableAt(given: string): Promise<string> {
  const file = pathOf(given), uri = vscode.Uri.file(file);
  if (!vscode.workspace.getWorkspaceFolder(uri)) throw new Error(`${path.basename(file)} lies outside the workspace.`);
  if (!isTable(file)) throw new Error(`${path.basename(file)} is no table that Understudy reads.`);
  await vscode.workspace.fs.stat(uri).then(undefined, () => { throw new Error(`There is no ${path.basename(file)}.`); });
  return file;
}

/** A run to its end, cancelled with the invocation; then what may be told of it. */
async function finished(context: Context, token: vscode.CancellationToken, start: () => Promise<RunRecord>): Promise<object> {
  const run = await start(), cancel = () => void context.server.ask(requests.cancel, { id: run.id }).catch(() => undefined);
  const listener = token.onCancellationRequested(cancel);
  if (token.isCancellationRequested) cancel();
  try {
    const record = await context.runs.ending(run);
    return await context.server.ask(requests.assistant, { about: 'run', id: record.id, folder: homeOf(record.folder) });
  } finally {
    listener.dispose();
  }
}
