/** Rows of a table that the user wants left out, remembered per file beside what was said of its columns. */
import { promises as fs } from 'node:fs';
import type * as vscode from 'vscode';

interface Kept { /** Size and time of the file whose rows are numbered here. */ stamp: string; rows: number[] }
const prefix = 'rows:';

export class SuppressedRows {
  constructor(private readonly state: vscode.Memento) {}

  /** Rows from 0, the header not counted. None once the file has changed: a number would name another row then. */
  async of(file: string): Promise<number[]> {
    const kept = this.state.get<Kept>(prefix + file);
    if (!kept) return [];
    if (kept.stamp === (await stampOf(file))) return kept.rows;
    await this.forget(file);
    return [];
  }

  async add(file: string, row: number): Promise<number[]> {
    const rows = [...new Set([...(await this.of(file)), row])].sort((a, b) => a - b);
    await this.state.update(prefix + file, { stamp: await stampOf(file), rows } satisfies Kept);
    return rows;
  }

  async forget(file: string): Promise<void> { await this.state.update(prefix + file, undefined); }

  files(): string[] { return this.state.keys().filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)); }
}

const stampOf = async (file: string): Promise<string> => { const { size, mtimeMs } = await fs.stat(file); return `${size} ${mtimeMs}`; };
