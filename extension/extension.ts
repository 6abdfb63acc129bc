/** Entry. Activated by its first command, the Runs view, a CSV file that opens, or a report to restore; the server starts when it is first asked something. */
import './translate';
import type * as vscode from 'vscode';
import { registerAssistant } from './assistant/tools';
import { registerColumns } from './columns/commands';
import { Context } from './context';
import { registerEvaluate } from './evaluate/command';
import { registerInline } from './inline/register';
import { registerInspect } from './inspect/command';
import { registerLanguage } from './language/register';
import { registerLaboratory } from './laboratory/commands';
import { registerReport } from './report/command';
import { registerRuns } from './runs/commands';
import { registerManage } from './runs/manage';
import { registerHealth } from './server/health';
import { registerSynthesize } from './synthesize/command';
import { registerExplorer } from './tests/explorer';
import { registerWelcome } from './welcome/commands';

let context: Context | undefined;

export function activate(from: vscode.ExtensionContext): void {
  context = new Context(from);
  registerSynthesize(context);
  registerInspect(context);
  registerEvaluate(context);
  registerLaboratory(context);
  registerReport(context);
  registerRuns(context);
  registerManage(context);
  registerColumns(context);
  registerHealth(context);
  registerWelcome(context);
  registerInline(context);
  registerLanguage(context);
  registerAssistant(context);
  registerExplorer(context);
}

/** The server is asked to end its workers before the editor goes. */
export function deactivate(): Promise<void> | undefined { return context?.server.stop(); }
