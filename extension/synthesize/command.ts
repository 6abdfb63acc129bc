/** Synthesize...: inspect, three Enters, a run followed to its end, then the stand-in and its report. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord, SynthesizeRequest } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import { inspectTable } from '../inspect/command';
import { follow } from '../runs/follow';
import * as requests from '../requests';
import { folderOf, table } from '../target';
import { howLong, howManyRows, whatIsModelled } from './steps';
import { walk } from './wizard';

export function registerSynthesize(context: Context): void {
  /** `defaults` skips the questions: for tests, key bindings and code lenses. */
  context.command('synthesize', async (uri?: vscode.Uri, _selected?: unknown, defaults?: Partial<SynthesizeRequest>): Promise<RunRecord | undefined> => {
    const file = await table(uri, 'Synthesize');
    if (!file) return undefined;
    const choices = defaults ?? await choose(context, file);
    if (!choices) return undefined;
    return follow(context, `Synthesizing ${path.basename(file)}`, () => context.server.ask(requests.synthesize, { path: file, folder: folderOf(file), device: settings().device, ...choices }));
  });
}

async function choose(context: Context, file: string): Promise<Partial<SynthesizeRequest> | undefined> {
  const profile = await inspectTable(context, file);
  if (!profile) return undefined;
  const title = `Synthesize ${path.basename(file)}`;
  const choices = await walk<Partial<SynthesizeRequest>>([
    { title: `${title}: What Is Modelled`, placeholder: 'Enter to go on; type to find a column', items: () => whatIsModelled(profile) },
    { title: `${title}: Rows`, placeholder: 'How many rows? Choose, or type a number', typed: true, items: (typed) => howManyRows(profile, typed) },
    { title: `${title}: Time`, placeholder: 'How thoroughly?', items: () => howLong(profile) },
  ]);
  return choices && Object.assign({}, ...choices);
}
