/** The settings this client reads, typed; package.json declares them with the same defaults. */
import * as vscode from 'vscode';
import type { DeviceChoice } from '../server/protocol';

export interface Settings {
  /** Where to compute. Read from user settings only in untrusted workspaces (package.json says so). */
  device: DeviceChoice;
  /** Open the synthetic table and the report when a run ends. */
  openWhenDone: boolean;
}

export function settings(): Settings {
  const from = vscode.workspace.getConfiguration('understudy');
  return { device: from.get<DeviceChoice>('device', 'auto'), openWhenDone: from.get('openWhenDone', true) };
}
