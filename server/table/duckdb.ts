import { DuckDBInstance, type DuckDBConnection, type DuckDBResult } from '@duckdb/node-api';
import { cancelled, UserError } from '../errors';

export const sqlText = (s: string) => `'${s.replace(/'/g, "''")}'`;
export const sqlName = (s: string) => `"${s.replace(/"/g, '""')}"`;

/** Rows a DuckDB vector holds are read where they lie: the typed array inside a vector of a column that has no nulls. */
interface TypedItems<A> { items: A }

/**
 * A private in-memory DuckDB for one read or write. Extensions are never looked for on the network; what does not fit in
 * `memory` spills to `spillFolder`.
 */
export class Database {
  private constructor(private readonly instance: DuckDBInstance, readonly connection: DuckDBConnection, private readonly signal?: AbortSignal) {
    signal?.addEventListener('abort', this.interrupt);
  }
  static async open(spillFolder: string, signal?: AbortSignal): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false', autoload_known_extensions: 'false', allow_community_extensions: 'false',
      memory_limit: '2GB', temp_directory: spillFolder, preserve_insertion_order: 'true',
    });
    const database = new Database(instance, await instance.connect(), signal);
    await database.run(`SET TimeZone = 'UTC'`);
    return database;
  }
  private interrupt = () => this.connection.interrupt();

  async run(sql: string): Promise<void> { await this.guard(() => this.connection.run(sql)); }
  /** Small results only: rows as JavaScript values. */
  async rows(sql: string): Promise<unknown[][]> { return (await this.guard(() => this.connection.runAndReadAll(sql))).getRowsJS(); }
  /** One row of counts. */
  async numbers(sql: string): Promise<number[]> { return (await this.rows(sql))[0].map(Number); }

  /** Doubles of columns without nulls, `rows` long each. */
  async doubles(sql: string, columns: number, rows: number): Promise<Float64Array[]> {
    const out = Array.from({ length: columns }, () => new Float64Array(rows));
    await this.each<Float64Array>(sql, (items, c, at) => out[c].set(items, at));
    return out;
  }
  /** Integers (INTEGER columns without nulls). */
  async integers(sql: string, columns: number, rows: number): Promise<Int32Array[]> {
    const out = Array.from({ length: columns }, () => new Int32Array(rows));
    await this.each<Int32Array>(sql, (items, c, at) => out[c].set(items, at));
    return out;
  }
  /** Bytes (UTINYINT columns without nulls). */
  async bytes(sql: string, columns: number, rows: number): Promise<Uint8Array[]> {
    const out = Array.from({ length: columns }, () => new Uint8Array(rows));
    await this.each<Uint8Array>(sql, (items, c, at) => out[c].set(items, at));
    return out;
  }
  /** Strings (VARCHAR columns), null where null: one call per cell, so for samples, dictionaries and text columns only. */
  async strings(sql: string, columns: number): Promise<Array<Array<string | null>>> {
    const out = Array.from({ length: columns }, () => [] as Array<string | null>);
    const result = await this.guard(() => this.connection.stream(sql));
    await this.chunks(result, (chunk, rows) => {
      for (let c = 0; c < columns; c++) {
        const vector = chunk.getColumnVector(c);
        const column = out[c];
        for (let i = 0; i < rows; i++) column.push(vector.getItem(i) as string | null);
      }
    });
    return out;
  }

  private async each<A>(sql: string, take: (items: A, column: number, at: number) => void): Promise<void> {
    const result = await this.guard(() => this.connection.stream(sql));
    const columns = result.columnCount;
    let at = 0;
    await this.chunks(result, (chunk, rows) => {
      for (let c = 0; c < columns; c++) take((chunk.getColumnVector(c) as unknown as TypedItems<A>).items, c, at);
      at += rows;
    });
  }
  private async chunks(result: DuckDBResult, use: (chunk: NonNullable<Awaited<ReturnType<DuckDBResult['fetchChunk']>>>, rows: number) => void): Promise<void> {
    for (;;) {
      const chunk = await this.guard(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      use(chunk, chunk.rowCount);
    }
  }
  private async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.signal?.aborted) throw cancelled();
    try { return await work(); } catch (e) {
      if (this.signal?.aborted) throw cancelled();
      throw machineError(e) ?? e;
    }
  }
  close(): void {
    this.signal?.removeEventListener('abort', this.interrupt);
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/** Failures of the machine rather than of the data, in words. */
function machineError(error: unknown): UserError | undefined {
  const text = String((error as Error)?.message ?? error);
  if (/no space left|disk quota|max_temp_directory_size/i.test(text)) return new UserError('The disk with the temporary files is full.', {}, 'Free some space there and run again.', 'system');
  if (/^Out of Memory|out of memory error/i.test(text)) return new UserError('There is not enough memory to read this table.', {}, 'Close other programs, or work on a part of the table.', 'system');
  return undefined;
}
