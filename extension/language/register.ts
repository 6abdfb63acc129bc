/** The `.synth` language in the editor: the server does the work (completions and all); here are its commands. The client starts when such a file opens. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CheckAnswer, RunRecord, SchemaAnswer, TargetResult } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import { offer } from '../errors';
import { theme } from '../inline/convert';
import { t } from '../l10n';
import * as requests from '../requests';
import { follow, open as show } from '../runs/follow';
import { folderOf, table } from '../target';
import { trusted } from '../trust';

const isSynth = (document: vscode.TextDocument | undefined): boolean => document?.languageId === 'synth' && document.uri.scheme === 'file';
/** Lenses tell how long ago; a minute is their grain. */
const minute = 60_000;

export function registerLanguage(context: Context): void {
  const wake = (document: vscode.TextDocument): void => { if (isSynth(document)) void context.server.wake().catch((error) => context.log.warn(String(error))); };
  vscode.workspace.textDocuments.forEach(wake);
  const clock = setInterval(() => { if (vscode.window.visibleTextEditors.some((e) => isSynth(e.document))) void context.server.wake().catch(() => undefined); }, minute);
  const tell = (): void => { if (context.server.health === 'ready') void context.server.say(requests.theme, { theme: theme() }); };
  context.own(vscode.workspace.onDidOpenTextDocument(wake), vscode.window.onDidChangeActiveColorTheme(tell), context.server.onHealth((health) => { if (health === 'ready') tell(); }), { dispose: () => clearInterval(clock) });

  context.command('createSchema', async (uri?: vscode.Uri): Promise<vscode.Uri | undefined> => {
    const file = await table(uri, t('Create Schema from Table'));
    if (!file) return undefined;
    const made = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Reading {0}', path.basename(file)) }, () => context.server.ask(requests.schema, { path: file }));
    return open(made);
  });

  context.command('runTarget', async (uri?: vscode.Uri | string, target?: string): Promise<RunRecord | undefined> => {
    if (!trusted(t('Running a target'))) return undefined;
    const document = await synthDocument(uri);
    const name = document && (target ?? await chooseTarget(context, document));
    if (!document || name === undefined) return undefined;
    // The server reads the text it was sent; a run is of the file as it was declared, so it is saved first.
    if (document.isDirty && !await document.save()) return undefined;
    return follow(context, t('Running {0}', name), () => context.server.ask(requests.runTarget, { uri: document.uri.toString(), target: name, folder: folderOf(document.uri.fsPath), device: settings().device }), (run) => told(context, document, name, run));
  });

  context.command('checkExpectations', async (uri?: vscode.Uri | string): Promise<CheckAnswer | undefined> => {
    const document = await synthDocument(uri);
    if (!document) return undefined;
    const answer = await context.server.ask(requests.targets, { uri: document.uri.toString() }), { sentence, missed } = summary(answer.targets);
    void (missed ? vscode.window.showWarningMessage : vscode.window.showInformationMessage)(sentence || t('{0} expects nothing yet.', path.basename(document.fileName)));
    return answer;
  });
}

/** How many expectations are met, and how the others are; empty where nothing is expected. */
function summary(targets: TargetResult[]): { sentence: string; missed: number } {
  const states = targets.flatMap((target) => target.expectations.map((e) => e.state)), count = (state: string) => states.filter((s) => s === state).length;
  const sentence = states.length === 0 ? '' : `${[
    t('{0} of {1} expectations met', count('met'), states.length), count('missed') && t('{0} missed', count('missed')), count('undecided') && t('{0} undecided', count('undecided')),
    count('unknown') && t('{0} not known: run their targets', count('unknown')),
  ].filter(Boolean).join(', ')}.`;
  return { sentence, missed: count('missed') };
}

/** A target was run from its file: one stays there, where each line now shows what was measured. */
async function told(context: Context, document: vscode.TextDocument, name: string, run: RunRecord): Promise<void> {
  const { targets } = await context.server.ask(requests.targets, { uri: document.uri.toString() }), { sentence, missed } = summary(targets.filter((target) => target.target === name));
  offer(missed ? vscode.window.showWarningMessage : vscode.window.showInformationMessage, sentence ? `${name}: ${sentence}` : t('{0} is made. Nothing is expected of it yet.', name), [{ title: t('Open'), run: () => show(context, run) }]);
}

/** The schema in an editor; a file that is there already is not touched, its new text lies beside it unsaved. */
async function open({ path: file, text }: SchemaAnswer): Promise<vscode.Uri> {
  const uri = vscode.Uri.file(file), there = await vscode.workspace.fs.stat(uri).then(() => true, () => false);
  if (!there) {
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
    await vscode.window.showTextDocument(uri);
    return uri;
  }
  const document = await vscode.workspace.openTextDocument({ language: 'synth', content: text });
  await vscode.window.showTextDocument(document);
  void vscode.window.showInformationMessage(t('{0} is there already; the new schema is not saved.', path.basename(file)));
  return document.uri;
}

async function synthDocument(uri: vscode.Uri | string | undefined): Promise<vscode.TextDocument | undefined> {
  if (uri !== undefined) return vscode.workspace.openTextDocument(typeof uri === 'string' ? vscode.Uri.parse(uri) : uri);
  const active = vscode.window.activeTextEditor?.document;
  if (isSynth(active)) return active;
  const files = await vscode.workspace.findFiles('**/*.synth', '**/{node_modules,.understudy,.git}/**', 200);
  const picked = await vscode.window.showQuickPick(files.map((f) => ({ label: path.basename(f.fsPath), description: vscode.workspace.asRelativePath(path.dirname(f.fsPath)), uri: f })), { placeHolder: t('Choose a .synth file') });
  return picked && vscode.workspace.openTextDocument(picked.uri);
}

async function chooseTarget(context: Context, document: vscode.TextDocument): Promise<string | undefined> {
  const { targets } = await context.server.ask(requests.targets, { uri: document.uri.toString() }), own = targets.filter((target) => target.file === document.uri.fsPath);
  if (own.length <= 1) return own[0]?.target;
  return (await vscode.window.showQuickPick(own.map(({ target, purpose }) => ({ label: target, description: purpose })), { placeHolder: t('Run which target?') }))?.label;
}
