/** Entry. Activated by its first command, or by a report to restore; the server starts when it is first asked something. */
import type * as vscode from 'vscode';
import { Context } from './context';
import { registerEvaluate } from './evaluate/command';
import { registerInspect } from './inspect/command';
import { registerReport } from './report/command';
import { registerRuns } from './runs/commands';
import { registerSynthesize } from './synthesize/command';

let context: Context | undefined;

export function activate(from: vscode.ExtensionContext): void {
  context = new Context(from);
  registerSynthesize(context);
  registerInspect(context);
  registerEvaluate(context);
  registerReport(context);
  registerRuns(context);
}

/** The server is asked to end its workers before the editor goes. */
export function deactivate(): Promise<void> | undefined { return context?.server.stop(); }
