import { noGrid, numberWriter, parseNumber } from './number-format';
import type { NumberFormat } from './table';

/** How a format can be checked: by an SQL expression for the plain ones, or only by our own writer. */
export interface NumberGuess { format: NumberFormat; plain: boolean }

const whole = /^-?(0|[1-9]\d*)$/;
const decimal = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const scientific = /^-?\d(\.\d+)?[eE][+-]\d{2,3}$/;
const decimalsOf = (text: string) => { const dot = text.indexOf('.'); return dot < 0 ? 0 : text.length - dot - 1; };

/**
 * The plainest number format under which our writer reproduces every one of these lexemes; undefined when there is none.
 * A guess: more cells may refute it, and then it is made again with those among the lexemes.
 */
export function inferNumber(lexemes: readonly string[]): NumberGuess | undefined {
  if (!lexemes.length || lexemes.some(t => !/\d/.test(t) || t.length > 40)) return undefined;
  for (const guess of candidates(lexemes)) {
    const write = numberWriter(guess.format);
    const own = guess.format.style === 'per-cell';
    const point = guess.format.point ?? '.';
    if (lexemes.every(t => {
      const x = parseNumber(t, guess.format);
      return x === x && write(x, own ? cellDecimals(t, guess.format, point) : undefined) === t;
    })) return guess;
  }
  return undefined;
}

/** Decimals a cell of style `per-cell` is written with. */
export function cellDecimals(lexeme: string, format: NumberFormat, point = format.point ?? '.'): number {
  const body = format.suffix ? lexeme.slice(0, -format.suffix.length) : lexeme;
  const at = body.lastIndexOf(point);
  return at < 0 ? 0 : Math.min(body.length - at - point.length, 100);
}

function* candidates(lexemes: readonly string[]): Generator<NumberGuess> {
  if (lexemes.every(t => whole.test(t))) {
    if (lexemes.every(t => Number.isSafeInteger(Number(t)))) yield { format: { style: 'fixed', decimals: 0 }, plain: !lexemes.includes('-0') };
    return;   // integers beyond 2^53 are not numbers to us: a double would change them
  }
  const plainDecimals = lexemes.filter(t => decimal.test(t));
  if (plainDecimals.length === lexemes.length || lexemes.every(t => decimal.test(t) || scientific.test(t))) {
    const counts = plainDecimals.map(decimalsOf);
    const most = Math.max(0, ...counts);
    const grid = plainDecimals.length === lexemes.length ? Math.min(most, noGrid) : noGrid;
    const digits = Math.max(0, ...plainDecimals.map(t => t.replace(/[-.]/g, '').replace(/^0+/, '').length));
    const allPoint0 = lexemes.every(t => /\.0$/.test(t));
    // "41.0" throughout: whole numbers that pass through Python, rather than tenths.
    if (allPoint0) yield { format: { style: 'python', decimals: 0 }, plain: true };
    if (plainDecimals.length === lexemes.length && counts.every(c => c === most) && most > 0) yield { format: { style: 'fixed', decimals: most }, plain: most <= 15 && digits <= 15 };
    yield { format: { style: 'python', decimals: pythonGrid(plainDecimals, grid) }, plain: true };
    yield { format: { style: 'shortest', decimals: grid }, plain: true };
    const exponents = lexemes.filter(t => scientific.test(t));
    if (exponents.length === lexemes.length) yield { format: { style: 'exponent', decimals: decimalsOf(lexemes[0].replace(/[eE].*/, '')), ...(/E/.test(lexemes[0]) ? { upperExponent: true } : {}) }, plain: false };
    if (plainDecimals.length === lexemes.length) yield { format: { style: 'per-cell', decimals: grid }, plain: false };
    return;
  }
  yield* dressed(lexemes);
}

/** Largest number of decimals, where a lone ".0" is no decimal. */
const pythonGrid = (texts: readonly string[], grid: number) => grid === noGrid ? noGrid : Math.max(0, ...texts.map(t => t.endsWith('.0') ? 0 : decimalsOf(t)));

const prefixes = /^(?:(?:[$€£¥₹₩]|R\$|US\$|USD|EUR|GBP|CHF|Rs\.?|kr) ?)?$/;
const suffixes = /^(?:[ \u00a0]?(?:[%‰$€£¥₹₩]|°[CF]?|EUR|USD|GBP|CHF|kr|zł|kg|g|mg|km|m|cm|mm|mi|lb|h|s|ms))?$/;

/** Numbers in dress: currency signs, units, thousands separators, decimal commas, leading zeros or plus signs. */
function* dressed(lexemes: readonly string[]): Generator<NumberGuess> {
  const parts = lexemes.map(t => /^([+-]?)(\D{0,4}?)((?:\d|[.,](?=\d))[\d.,' \u00a0\u202f]*?)([^\d.,]{0,5})$/.exec(t));
  if (parts.some(p => !p)) return;
  const one = (index: number) => { const set = new Set(parts.map(p => p![index])); return set.size === 1 ? [...set][0] : undefined; };
  const prefix = one(2), suffix = one(4);
  if (prefix === undefined || suffix === undefined) return;
  if (!prefixes.test(prefix) || !suffixes.test(suffix)) return;   // "A12", "12b": codes, not amounts
  const plus = parts.some(p => p![1] === '+');
  const bodies = parts.map(p => p![3]);
  const base: Partial<NumberFormat> = { ...(prefix ? { prefix } : {}), ...(suffix ? { suffix } : {}), ...(plus ? { plus: true } : {}) };
  const formats: NumberFormat[] = [];
  const digitsOnly = bodies.every(b => /^\d+$/.test(b));
  if (digitsOnly) {
    const width = bodies[0].length;
    formats.push({ style: 'fixed', decimals: 0, ...base });
    if (bodies.some(b => b.length > 1 && b.startsWith('0')) && bodies.every(b => b.length === width)) formats.push({ style: 'fixed', decimals: 0, ...base, leadingZeros: width });
  }
  for (const [point, thousands] of [['.', ''], ['.', ','], ['.', "'"], ['.', ' '], [',', ''], [',', '.'], [',', ' '], [',', "'"], [',', '\u00a0'], [',', '\u202f']]) {
    if (!bodies.some(b => b.includes(point) || (thousands && b.includes(thousands)))) continue;
    // "555 123 456" in every cell is a phone number or a code: amounts differ in length.
    if (/\s/.test(thousands) && new Set(bodies.map(b => b.split(thousands).length)).size === 1) continue;
    const counts = bodies.map(b => { const at = b.lastIndexOf(point); return at < 0 ? 0 : b.length - at - 1; });
    const most = Math.max(...counts);
    const dress: Partial<NumberFormat> = { ...base, ...(point !== '.' ? { point } : {}), ...(thousands ? { thousands } : {}) };
    // "1,234" and "5,678" alone are thousands before they are thousandths.
    if (point === ',' && !thousands && counts.every(c => c === 3) && bodies.every(b => /^[1-9]\d{0,2},\d{3}$/.test(b))) { formats.push({ style: 'fixed', decimals: 0, ...base, thousands: ',' }); }
    const bare = bodies.some(b => b.startsWith(point));
    const more: Partial<NumberFormat> = { ...dress, ...(bare ? { bareFraction: true } : {}) };
    if (counts.every(c => c === most)) formats.push({ style: 'fixed', decimals: Math.min(most, noGrid), ...more });
    formats.push({ style: 'shortest', decimals: Math.min(most, noGrid), ...more }, { style: 'per-cell', decimals: Math.min(most, noGrid), ...more });
  }
  for (const format of formats) yield { format, plain: false };
}

/**
 * SQL that holds where the writer of a plain format reproduces the VARCHAR `v`. For `fixed`, at most 15 digits: those
 * come back from a double's `toFixed` as they were. DuckDB prints doubles as Python does; JavaScript differs below 1e-4 and from 1e16.
 */
export function numberCheck(v: string, format: NumberFormat): string {
  const x = `TRY_CAST(${v} AS DOUBLE)`;
  if (format.style === 'fixed' && format.decimals === 0) {
    const i = `TRY_CAST(${v} AS BIGINT)`;
    return `coalesce(${i}::VARCHAR = ${v} AND ${i} BETWEEN -9007199254740991 AND 9007199254740991, false)`;
  }
  if (format.style === 'fixed') {
    const d = `TRY_CAST(${v} AS DECIMAL(18, ${format.decimals}))`;
    return `coalesce((${d}::VARCHAR = ${v} AND length(${v}) <= 16) OR ${v} = '-0.${'0'.repeat(format.decimals)}', false)`;
  }
  // The writer rounds to the column's grid, so a cell finer than the sample's refutes the guess.
  const grid = format.decimals >= noGrid ? 'true' : `(strpos(${v}, '.') = 0 OR length(${v}) - strpos(${v}, '.') <= ${format.decimals} OR suffix(${v}, '.0')) AND NOT contains(${v}, 'e')`;
  if (format.style === 'python') return `coalesce(${x}::VARCHAR = ${v} AND isfinite(${x}) AND ${grid}, false)`;
  const text = `${x}::VARCHAR`;
  return `coalesce((CASE WHEN suffix(${text}, '.0') THEN left(${text}, length(${text}) - 2) ELSE ${text} END) = ${v} AND (${x} = 0 OR (abs(${x}) >= 1e-4 AND abs(${x}) < 1e15)) AND ${grid}, false)`;
}
