/** What the user said about a table's columns, remembered per file in the workspace's own state (never in a file of the workspace). */
import * as vscode from 'vscode';
import type { ColumnOverride } from '../../server/protocol';
import { settings } from '../config';
import { SuppressedRows } from './rows';

export type Said = Record<string, ColumnOverride>;

const prefix = 'columns:';

export class Columns implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<string>();
  /** The file whose columns are treated otherwise from now on. */
  readonly onChange = this.emitter.event;
  /** Of this session only, where the user wants nothing remembered. */
  private readonly passing = new Map<string, Said>();

  /** Rows left out, which are remembered and forgotten with the columns. */
  readonly rows: SuppressedRows;

  constructor(private readonly state: vscode.Memento) { this.rows = new SuppressedRows(state); }

  /** What was said of `file`; it may have changed since (see inspect/command.ts). */
  of(file: string): Said { return this.passing.get(file) ?? this.state.get<Said>(prefix + file) ?? {}; }

  /** Treat a column so from now on; undefined takes back what was said. */
  async say(file: string, column: string, override: ColumnOverride | undefined): Promise<void> {
    const { [column]: _before, ...next } = this.of(file);
    if (override) next[column] = override;
    await this.keep(file, next);
  }

  async forget(file: string): Promise<void> {
    await this.rows.forget(file);
    await this.keep(file, {});
  }

  /** Files of which something was said. */
  files(): string[] {
    const stored = this.state.keys().filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    return [...new Set([...[...stored, ...this.passing.keys()].filter((file) => Object.keys(this.of(file)).length), ...this.rows.files()])];
  }

  private async keep(file: string, said: Said): Promise<void> {
    if (settings().keepColumnChoices) {
      this.passing.delete(file);
      await this.state.update(prefix + file, Object.keys(said).length ? said : undefined);
    } else this.passing.set(file, said);
    this.emitter.fire(file);
  }

  dispose(): void { this.emitter.dispose(); }
}
