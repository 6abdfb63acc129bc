import { basename } from 'node:path';
import { UserError } from '../errors';
import { rewrite } from './bytes';
import { uniqueNames } from './dialect';
import type { Database } from './duckdb';
import { loadOwn, ownCell } from './read-own';
import { plainDialect } from './make';
import type { RawContext, RawTable } from './read-options';
import type { SpelledColumn } from './columns-base';
import type { Column, Table } from './table';

type Kind = 'string' | 'number' | 'boolean' | 'json';
interface Key { at: number; kind?: Kind; nulls: number; absent: number }

/**
 * Loads JSON lines: one object a line. Numbers keep their text, whatever their length; a key that holds several types, arrays or
 * objects is kept as JSON text. A missing key and `null` are both missing; whichever is more frequent is written.
 */
export async function loadJsonLines(context: RawContext, database: Database): Promise<RawTable> {
  // The set of keys is known only at the end: when a line brings a new one, or a second type, the pass starts again with what is known.
  const keys = new Map<string, Key>();
  for (;;) {
    const out = await context.scratch.file('.csv');
    const pass = new Pass(keys, basename(context.file));
    await rewrite(context.path, out, chunk => pass.push(chunk), context.options.signal);
    if (pass.again) continue;
    if (!keys.size) throw new UserError('The file holds no objects with keys.', { file: basename(context.file) }, 'Each line needs an object such as {"a": 1}.');
    if (!pass.rows) throw new UserError('The file holds no rows.', { file: basename(context.file) }, 'Each line needs an object such as {"a": 1}.');
    const { names, sourceNames } = uniqueNames([...keys.keys()], context.issues);
    await loadOwn(database, out, names.length, pass.rows, context);
    [...keys.values()].forEach((k, i) => { if (k.kind === 'json') context.issues.push({ code: 'nested', column: names[i], message: 'Nested or mixed values are kept as JSON text.' }); });
    return {
      names, sourceNames, rows: pass.rows, lineOf: row => row + 1, dialect: { ...plainDialect, format: 'jsonl', newline: pass.crlf ? '\r\n' : '\n', finalNewline: pass.finalNewline, bom: pass.bom },
      nativeTypes: [...keys.values()].map(k => `jsonl:${k.kind ?? 'string'}${k.absent > k.nulls ? ':absent' : ''}`),
    };
  }
}

class Pass {
  again = false; rows = 0; finalNewline = false; crlf = false; bom = false;
  private rest = '';
  private line = 0;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private readonly known: number;
  constructor(private readonly keys: Map<string, Key>, private readonly file: string) {
    this.known = keys.size;
    for (const k of keys.values()) { k.nulls = 0; k.absent = 0; }
  }
  push(chunk: Buffer | null): string {
    let text: string;
    try { text = this.rest + (chunk ? this.decoder.decode(chunk, { stream: true }) : this.decoder.decode()); }
    catch { throw new UserError('The file is not valid UTF-8.', { file: this.file, row: this.line + 1 }, 'JSON is always UTF-8: export it again.'); }
    const lines = text.split('\n');
    if (chunk) this.rest = lines.pop()!;
    else { this.rest = ''; this.finalNewline = lines[lines.length - 1] === ''; if (this.finalNewline) lines.pop(); }
    let out = '';
    for (let line of lines) {
      this.line++;
      if (this.line === 1 && line.startsWith('\ufeff')) { this.bom = true; line = line.slice(1); }
      if (line.endsWith('\r')) { this.crlf = true; line = line.slice(0, -1); }
      if (line.trim() !== '') out += this.row(line);
    }
    return this.again ? '' : out;
  }
  private row(line: string): string {
    const cells = new Array<string | null>(this.keys.size).fill(null);
    const seen: boolean[] = [];
    for (const [name, raw] of members(line, this.file, this.line)) {
      let key = this.keys.get(name);
      if (!key) { this.keys.set(name, key = { at: this.keys.size, nulls: 0, absent: 0 }); }
      if (key.at >= this.known && this.rows > 0) this.again = true;
      if (seen[key.at]) throw new UserError(`The key "${name}" appears twice.`, { file: this.file, row: this.line, column: name }, 'Keep one of them.');
      seen[key.at] = true;
      if (raw === 'null') { key.nulls++; continue; }
      const kind: Kind = raw[0] === '"' ? 'string' : raw === 'true' || raw === 'false' ? 'boolean' : raw[0] === '{' || raw[0] === '[' ? 'json' : 'number';
      if (key.kind === undefined) key.kind = kind;
      else if (key.kind !== kind && key.kind !== 'json') { key.kind = 'json'; this.again = true; }
      cells[key.at] = key.kind === 'string' ? JSON.parse(raw) as string : raw;
    }
    if (cells.length < this.keys.size) for (let i = cells.length; i < this.keys.size; i++) cells.push(null);
    for (const k of this.keys.values()) if (!seen[k.at]) k.absent++;
    this.rows++;
    return cells.map(ownCell).join(',') + '\n';
  }
}

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The members of the object on one line, values as their JSON text. */
function members(line: string, file: string, row: number): Array<[string, string]> {
  const wrong = (what: string) => new UserError(`This line is not ${what}.`, { file, row }, 'JSON lines hold one whole object a line.');
  const out: Array<[string, string]> = [];
  let at = 0;
  const space = () => { while (/[ \t\r]/.test(line[at] ?? '')) at++; };
  const string = (): string => {
    const from = at++;
    while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
    if (at >= line.length) throw wrong('valid JSON');
    return line.slice(from, ++at);
  };
  space();
  if (line[at] !== '{') throw wrong('a JSON object');
  at++; space();
  while (line[at] !== '}') {
    if (line[at] !== '"') throw wrong('valid JSON');
    const name = text(string(), wrong);
    space();
    if (line[at++] !== ':') throw wrong('valid JSON');
    space();
    const from = at;
    if (line[at] === '"') string();
    else {
      let depth = 0;
      for (; at < line.length; at++) {
        const c = line[at];
        if (c === '"') { string(); at--; continue; }
        if (c === '{' || c === '[') depth++;
        else if (c === '}' || c === ']') { if (depth === 0) break; depth--; }
        else if (c === ',' && depth === 0) break;
      }
    }
    const raw = line.slice(from, at).trim();
    if (!number.test(raw)) text(raw, wrong);
    out.push([name, raw]);
    space();
    if (line[at] === ',') { at++; space(); if (line[at] === '}') throw wrong('valid JSON'); } else if (line[at] !== '}') throw wrong('valid JSON');
  }
  at++; space();
  if (at < line.length) throw wrong('a single JSON object');
  return out;
}
function text(raw: string, wrong: (what: string) => Error): string { try { return JSON.parse(raw) as string; } catch { throw wrong('valid JSON'); } }

/** The table as JSON lines. */
export function* jsonLines(table: Table, progress?: (rows: number) => void): Generator<Buffer> {
  const fromJson = table.schema.dialect.format === 'jsonl';
  const { newline, finalNewline, bom } = fromJson ? table.schema.dialect : plainDialect;
  const writers = table.columns.map(jsonWriter);
  if (bom) yield Buffer.from('\ufeff');
  for (let from = 0; from < table.rows; from += 4096) {
    const to = Math.min(table.rows, from + 4096);
    let lines = '';
    for (let row = from; row < to; row++) {
      let line = '';
      for (const write of writers) { const member = write(row); if (member !== '') line += line === '' ? member : ',' + member; }
      lines += (row > 0 ? newline : '') + `{${line}}`;
    }
    yield Buffer.from(lines);
    progress?.(to);
  }
  if (finalNewline) yield Buffer.from(newline);
}

function jsonWriter(column: Column): (row: number) => string {
  const { schema } = column;
  const name = JSON.stringify(schema.sourceName ?? schema.name) + ':';
  const [format, kind, absent] = (schema.nativeType ?? '').split(':');
  const native = format === 'jsonl' ? kind as Kind : undefined;
  const missing = absent && native ? '' : name + 'null';
  const spelled = column as SpelledColumn;
  const value = (t: string, row: number): string => {
    if (native === 'string') return JSON.stringify(t);
    if (native === 'number' || (!native && (schema.kind === 'integer' || schema.kind === 'real'))) return number.test(t) ? t : schema.storage === 'number' ? String(column.numbers()[row]) : JSON.stringify(t);
    if (native === 'boolean' || (!native && schema.kind === 'boolean')) return t === 'true' || t === 'false' ? t : JSON.stringify(t);
    if (native === 'json') { try { JSON.parse(t); return t; } catch { return JSON.stringify(t); } }
    return JSON.stringify(t);
  };
  // Only null is missing in JSON itself; another token ("NA", "") is a text there and comes back as one.
  const token = (row: number) => spelled.missingQuoted(row) || column.lexeme(row) !== '' ? (native ? name + value(column.lexeme(row), row) : missing) : missing;
  if (schema.storage === 'code') {
    const written = column.categories().map((t, i) => name + value(t, i));
    const codes = column.codes();
    return row => codes[row] < 0 ? token(row) : written[codes[row]];
  }
  return row => column.isMissing(row) ? token(row) : name + value(column.lexeme(row), row);
}
