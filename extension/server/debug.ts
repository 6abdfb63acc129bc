/** Collect Debug Info: facts for a bug report, as a page the user reads before sharing. No values of any table are in it. */
import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import * as requests from '../requests';
import { allRuns } from '../runs/choose';
import { bytes, duration } from '../words';

/** Runs listed, newest first, and lines taken from the end of the log. */
const mostRuns = 10, mostLines = 80;

/** Where the user's files lie is nobody's business: home becomes ~, and a folder of the workspace its name. */
export function shortened(text: string, home: string, folders: readonly string[]): string {
  let short = text;
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) if (folder.length > 1) short = short.replaceAll(folder, `<${path.basename(folder)}>`);
  return home.length > 1 ? short.replaceAll(home, '~') : short;
}

export async function collect(context: Context): Promise<string> {
  const health = context.server.health === 'down' ? undefined : await context.server.ask(requests.health, {}).catch(() => undefined);
  const runs = (await allRuns(context).catch(() => [] as RunRecord[])).slice(0, mostRuns);
  const { packageJSON, id } = { packageJSON: context.extension.extension.packageJSON as { version: string }, id: context.extension.extension.id };
  const facts = [
    ['Extension', `${id} ${packageJSON.version}`], ['Editor', `${vscode.env.appName} ${vscode.version}${vscode.env.remoteName ? `, remote: ${vscode.env.remoteName}` : ''}`],
    ['Workspace', `${vscode.workspace.isTrusted ? 'trusted' : 'restricted'}, ${vscode.workspace.workspaceFolders?.length ?? 0} folders`],
    ['Server', health ? `up ${duration(health.uptimeSeconds)}, ${bytes(health.memoryBytes)}; ${Object.entries(health.versions).map(([k, v]) => `${k} ${v}`).join(', ')}` : context.server.health],
    ['Machine', health ? `${health.machine.system}, ${health.machine.cores} × ${health.machine.processor}, ${bytes(health.machine.memoryBytes)} of memory, ${bytes(health.machine.freeBytes)} free` : `${os.type()} ${os.release()}`],
    ['Settings', JSON.stringify(settings())],
  ];
  const rows = runs.map((r) => `| ${r.id} | ${r.kind} | ${r.state} | ${r.generator ?? ''} | ${r.rows ?? ''} | ${r.seconds !== undefined ? duration(r.seconds) : ''} | ${r.device ? `${r.device.description}${r.device.whyNotBetter ? `; ${r.device.whyNotBetter}` : ''}` : ''} | ${r.error && r.state !== 'cancelled' ? `${r.error.code}: ${r.error.message}` : ''} |`);
  const page = [
    '# Understudy: debug info', '', '> Read this before you share it. It holds no values of your tables; names of files and columns can appear in messages.', '',
    ...facts.map(([what, value]) => `- **${what}**: ${value}`), '',
    '## Runs', '', ...(rows.length ? ['| Run | Kind | State | Generator | Rows | Time | Device | Error |', '|---|---|---|---|--:|--:|---|---|', ...rows] : ['None.']), '',
    '## End of the log', '', '```', await logTail(context), '```', '',
  ].join('\n');
  return shortened(page, os.homedir(), (vscode.workspace.workspaceFolders ?? []).map((f) => f.uri.fsPath));
}

async function logTail(context: Context): Promise<string> {
  const text = await fs.readFile(path.join(context.extension.logUri.fsPath, 'Understudy.log'), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-mostLines).join('\n').replaceAll('```', "'''") || '(empty)';
}
