/** The settings this client reads, typed; package.json declares them with the same defaults and ranges. */
import * as vscode from 'vscode';
import type { DeviceChoice } from '../server/protocol';

export interface Settings {
  /** Where to compute. Like the next two read from user settings only in untrusted workspaces (package.json says so). */
  device: DeviceChoice;
  /** The generator taken when none is chosen; undefined for the recommended one. */
  generator?: string;
  /** Upper bound on fitting, seconds; undefined where the user left it alone, so that the plan's own default holds. */
  budgetSeconds?: number;
  /** Open the synthetic table and the report when a run ends. */
  openWhenDone: boolean;
  /** Show progress as a notification, beside the status bar and the Runs view. */
  showProgress: boolean;
  /** Remember per file how columns are to be treated. */
  keepColumnChoices: boolean;
}

export function settings(): Settings {
  const from = vscode.workspace.getConfiguration('understudy');
  const generator = from.get<string>('generator', '').trim();
  // The editor only warns about values out of range; it hands them over all the same.
  const budget = from.get<number>('budgetSeconds', 45);
  const sane = typeof budget === 'number' && Number.isFinite(budget) ? Math.min(86_400, Math.max(1, Math.round(budget))) : 45;
  return {
    device: from.get<DeviceChoice>('device', 'auto'), openWhenDone: from.get('openWhenDone', true), showProgress: from.get('showProgress', true), keepColumnChoices: from.get('keepColumnChoices', true),
    ...(generator && { generator }), ...(sane !== 45 && { budgetSeconds: sane }),
  };
}
