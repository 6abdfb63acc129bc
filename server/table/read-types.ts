import type { CellCounts } from './bytes-scan';
import { codeColumn, numberColumn, stringColumn, type Spelling } from './columns-base';
import { cellDecimals, inferNumber, numberCheck, type NumberGuess } from './number-infer';
import { numberWriter, parseNumber } from './number-format';
import { mostDistinct, type Cells } from './read-cells';
import { isInfinite, isNumericToken, missingForms, quotingOf, spellMissing, type Form } from './read-missing';
import type { ReadIssue } from './read-options';
import { noteMixed } from './read-mixed';
import type { Column, ColumnSchema, TemporalFormat } from './table';
import { temporalReader, temporalWriter } from './temporal-format';
import { inferTemporal, type TemporalGuess } from './temporal-infer';
import { inferMixedTemporal, shapeOf, type MixedFormats } from './temporal-mixed';

/** What typing knows of a column beside its cells. */
export interface TypeContext {
  name: string; sourceName?: string; nativeType?: string;
  counts?: CellCounts; bareToken?: string;
  issues: ReadIssue[];
  lineOf(row: number): number;
}

type Guess = { number: NumberGuess; temporal?: undefined } | { temporal: TemporalGuess; number?: undefined; /** dates written in several formats */ mixed?: MixedFormats };

/**
 * Decides what a column is and builds it. A type is guessed from a sample and put to every cell: the cells that our writer
 * would not give back refute it and join the sample, until a guess stands or the column is one of words.
 */
export async function typeColumn(cells: Cells, context: TypeContext): Promise<Column> {
  const sample = await cells.sample();
  const tried = new Set<string>();
  for (;;) {
    const present = sample.filter(t => !isNumericToken(t));
    const guess = present.length ? guessType(present) : undefined;
    if (!guess) break;
    const key = JSON.stringify(guess);
    const bySql = guess.number?.plain && cells.refute !== undefined && !tried.has('sql' + key);
    if (!bySql && tried.has(key)) break;
    tried.add(bySql ? 'sql' + key : key);
    const column = bySql ? await plainNumbers(cells, guess.number!, context) : await checkedValues(cells, guess, context);
    if (!Array.isArray(column)) return (await codesInDisguise(column, cells)) ? words(cells, context) : asConstant(column);
    sample.push(...column);
  }
  const column = await words(cells, context);
  await noteMixed(sample.filter(t => !isNumericToken(t)), cells, column, context);
  return column;
}

const mixedOf = (guess: Guess): MixedFormats | undefined => (guess.temporal ? guess.mixed : undefined);

function guessType(present: readonly string[]): Guess | undefined {
  const temporal = inferTemporal(present);
  // "20200131": dates before integers; everything else that is a number is no date.
  if (temporal) return { temporal };
  const number = inferNumber(present);
  if (number) return { number };
  const mixed = inferMixedTemporal(present);
  return mixed && { temporal: { kind: mixed.kind, format: mixed.formats[0].format, zones: false, ambiguous: mixed.ambiguous }, mixed };
}

/** Numbers in a plain format, checked and converted by SQL; or the cells that refute them. */
async function plainNumbers(cells: Cells, guess: NumberGuess, context: TypeContext): Promise<Column | string[]> {
  const bad = await cells.refute!(v => numberCheck(v, guess.format));
  const refuting = bad.filter(t => !isNumericToken(t));
  if (refuting.length) return refuting;
  const values = await cells.doubles!();
  const forms: Form[] = [...(await cells.nulls() ? [null] : []), ...bad];
  return numeric(values, { number: guess }, forms, f => cells.places(f), context);
}

/** Numbers, dates or times, each distinct cell checked with our own reader and writer; or the cells that refute them. */
async function checkedValues(cells: Cells, guess: Guess, context: TypeContext): Promise<Column | string[]> {
  const dictionary = await cells.dictionary();
  const { read, write, detail } = codec(guess);
  const count = dictionary.values.length;
  const parsed = new Float64Array(count), details = detail ? new Uint8Array(count) : undefined;
  const bad: string[] = [], tokens = new Set<string>();
  const zones: string[] = [];
  for (let i = 0; i < count && bad.length < 300; i++) {
    const text = dictionary.values[i];
    if (isNumericToken(text)) { tokens.add(text); parsed[i] = NaN; continue; }
    const x = read(text);
    const own = detail?.(text, zones);
    if (x === x && write(x, text) === text && (own === undefined || own < 256)) { parsed[i] = x; if (details) details[i] = own!; } else bad.push(text);
  }
  if (bad.length) return bad;
  const values = new Float64Array(cells.rows);
  for (let i = 0; i < values.length; i++) { const code = dictionary.codes[i]; values[i] = code < 0 ? NaN : parsed[code]; }
  const forms: Form[] = [...(dictionary.codes.includes(-1) ? [null] : []), ...tokens];
  return numeric(values, guess, forms, f => cells.places(f), context, details && { bytes: Uint8Array.from(dictionary.codes, c => c < 0 ? 0 : details[c]), zones: zones.length ? zones : undefined, formats: mixedOf(guess)?.formats.map(f => f.format) });
}

function codec(guess: Guess): { read(t: string): number; write(x: number, t: string): string; detail?: (t: string, zones: string[]) => number } {
  if (guess.number) {
    const { format } = guess.number;
    const write = numberWriter(format);
    if (format.style !== 'per-cell') return { read: t => parseNumber(t, format), write: x => write(x) };
    return { read: t => parseNumber(t, format), write: (x, t) => write(x, cellDecimals(t, format)), detail: t => cellDecimals(t, format) };
  }
  const { kind, format, zones } = guess.temporal;
  if (guess.mixed) {
    const ways = new Map(guess.mixed.formats.map(({ shape, format: f }, at) => [shape, { at, read: temporalReader(kind, f, false).read, write: temporalWriter(kind, f) }]));
    const way = (t: string) => ways.get(shapeOf(t));
    return { read: t => way(t)?.read(t) ?? NaN, write: (x, t) => way(t)!.write(x), detail: t => way(t)?.at ?? 256 };
  }
  const reader = temporalReader(kind, format, zones);
  const write = temporalWriter(kind, format);
  if (!zones) return { read: t => reader.read(t), write: x => write(x) };
  return {
    read: t => reader.read(t), write: (x, t) => write(x, reader.zoneOf(t)),
    detail: (t, known) => { const zone = reader.zoneOf(t); const at = known.indexOf(zone); return at >= 0 ? at : known.push(zone) - 1; },
  };
}

async function numeric(values: Float64Array, guess: Guess, forms: readonly Form[], places: (f: readonly Form[]) => Promise<Uint8Array>, context: TypeContext, detail?: { bytes: Uint8Array; zones?: string[]; formats?: TemporalFormat[] }): Promise<Column> {
  const { spelling: missing, ...missingPart } = await spellMissing(forms, context, places, row => Number.isNaN(values[row]));
  let spelling: Spelling | undefined = missing;
  if (detail) {
    const codes = detail.bytes;
    if (missing) for (let i = 0; i < codes.length; i++) if (Number.isNaN(values[i])) codes[i] = missing.codes[i];
    spelling = { codes, missing: missing?.missing ?? [{ token: missingPart.missingToken, quoted: missingPart.missingQuoted ?? false }], ...(detail.zones ? { zones: detail.zones } : {}), ...(detail.formats ? { formats: detail.formats } : {}) };
  }
  const infinite = forms.filter(f => f !== null && isInfinite(f));
  if (infinite.length) context.issues.push({ code: 'infinite', column: context.name, message: `Infinite cells (${infinite.slice(0, 5).join(', ')}${infinite.length > 5 ? ', ...' : ''}) are modelled as missing ones, and written again in the share that they have of these.` });
  const mixed = mixedOf(guess);
  if (mixed) context.issues.push({ code: 'mixed-dates', column: context.name, message: `Dates are written in ${mixed.formats.length} formats (${mixed.formats.map(f => f.format.pattern).join(', ')}). Each is read as such, and synthetic ones are written in the same shares.` });
  if (guess.temporal?.ambiguous) context.issues.push({ code: 'date-order', column: context.name, message: `Every date reads both as day-month and month-day; ${guess.temporal.format.pattern} is assumed.` });
  const schema: ColumnSchema = {
    ...baseSchema(context, forms, values.reduce((n, x) => n + (x !== x ? 1 : 0), 0)), storage: 'number', ...missingPart,
    ...(guess.number ? { kind: values.every(x => x !== x || Number.isInteger(x)) ? 'integer' : 'real', number: guess.number.format } : { kind: guess.temporal.kind, temporal: guess.temporal.format }),
  };
  return numberColumn(schema, values, spelling);
}

const booleans = [['false', 'true'], ['False', 'True'], ['FALSE', 'TRUE'], ['no', 'yes'], ['No', 'Yes'], ['NO', 'YES'], ['n', 'y'], ['N', 'Y'], ['f', 't'], ['F', 'T']];

/** A column of words: a dictionary where values repeat, strings where they hardly do. */
async function words(cells: Cells, context: TypeContext): Promise<Column> {
  const { rows } = cells;
  const { values, codes, distinct } = await cells.dictionary();
  const nulls = codes.reduce((n, c) => n + (c < 0 ? 1 : 0), 0);
  const forms = missingForms(values, nulls);
  const { spelling, ...missingPart } = await spellMissing(forms, context, f => cells.places(f), () => true);
  const gone = new Set(forms.filter(f => f !== null));
  const kept = gone.size ? values.filter(v => !gone.has(v)) : values;
  if (gone.size) {
    let next = 0;
    const map = values.map(v => gone.has(v) ? -1 : next++);
    for (let i = 0; i < rows; i++) if (codes[i] >= 0) codes[i] = map[codes[i]];
  }
  let missing = 0;
  for (let i = 0; i < rows; i++) if (codes[i] < 0) missing++;
  const present = rows - missing;
  const base = { ...baseSchema(context, forms, missing), ...missingPart };
  if (!distinct || kept.length > Math.min(mostDistinct, Math.max(20, present / 2))) {
    return stringColumn({ ...base, kind: 'text', storage: 'string' }, Array.from(codes, c => c < 0 ? null : kept[c]), spelling);
  }
  if (kept.length === 0) context.issues.push({ code: 'all-missing', column: context.name, message: 'Every cell is missing; it is written so again.' });
  const kind = kept.length === 0 || (kept.length === 1 && missing === 0) ? 'constant' : booleans.some(([f, t]) => kept.length === 2 && kept.includes(f) && kept.includes(t)) ? 'boolean' : 'category';
  return codeColumn({ ...base, kind, storage: 'code' }, codes, kept, spelling);
}

function baseSchema(context: TypeContext, forms: readonly Form[], missing: number): Pick<ColumnSchema, 'name' | 'missingToken'> & Partial<ColumnSchema> {
  const { name, sourceName, nativeType } = context;
  const quoting = quotingOf(context, forms, missing);
  return { name, missingToken: '', ...(sourceName === undefined ? {} : { sourceName }), ...(nativeType ? { nativeType } : {}), ...(quoting ? { quoting } : {}) };
}

/** Zero-padded numbers of few values are codes ("01" to "12", regions), not amounts. */
async function codesInDisguise(column: Column, cells: Cells): Promise<boolean> {
  if (!column.schema.number?.leadingZeros) return false;
  const seen = new Set<number>();
  for (const x of column.numbers()) { seen.add(x); if (seen.size > 1000) return false; }
  return cells.rows > 0;
}

/** One value in every row: nothing to model, whatever its type. */
function asConstant(column: Column): Column {
  if (column.missingCount || column.length < 2) return column;
  const values = column.numbers();
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], values[0])) return column;
  const first = column.lexeme(0);
  if (column.schema.number?.style === 'per-cell' || first !== column.lexeme(column.length - 1)) return column;
  return codeColumn({ ...column.schema, kind: 'constant' }, new Int32Array(column.length), [first]);
}
