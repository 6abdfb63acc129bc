import type { NumberFormat } from './table';

/** Decimals beyond which a column has no grid worth keeping: 10^16 steps per unit exceed a double's precision. */
export const noGrid = 16;
const powers = Array.from({ length: 23 }, (_, d) => Number(`1e${d}`));

/**
 * The number nearest to `x` with at most `decimals` decimals. Exact: a value read from text with that many decimals
 * comes back as itself, since an integer below 2^52 over a power of ten below 10^22 divides with one correct rounding.
 */
export function onGrid(x: number, decimals: number): number {
  if (decimals >= noGrid) return x;
  const scaled = x * powers[decimals];
  if (!(Math.abs(scaled) < 2 ** 52)) return x;
  const rounded = Math.round(scaled) / powers[decimals];
  return rounded === 0 && !Object.is(x, -0) ? 0 : rounded;
}

/** A finite number in a column's style. `cellDecimals` is the cell's own count for style `per-cell`, where known. */
export type NumberWriter = (x: number, cellDecimals?: number) => string;

/** Chooses the writer once per column, so that plain columns pay nothing for the rare formats. */
export function numberWriter(format: NumberFormat): NumberWriter {
  const digits = digitsWriter(format);
  const { thousands = '', point = '.', prefix = '', suffix = '', plus = false, leadingZeros = 0, bareFraction = false } = format;
  if (!thousands && point === '.' && !prefix && !suffix && !plus && !leadingZeros && !bareFraction) return digits;
  return (x, cellDecimals) => {
    let text = digits(x, cellDecimals);
    let sign = plus && !text.startsWith('-') ? '+' : '';
    if (text.startsWith('-')) { sign = '-'; text = text.slice(1); }
    const dot = text.search(/[.e]/i);
    let whole = dot < 0 ? text : text.slice(0, dot);
    let rest = dot < 0 ? '' : text.slice(dot);
    if (leadingZeros) whole = whole.padStart(leadingZeros, '0');
    if (thousands) whole = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
    if (bareFraction && whole === '0' && rest.startsWith('.')) whole = '';
    if (point !== '.' && rest.startsWith('.')) rest = point + rest.slice(1);
    return sign + prefix + whole + rest + suffix;
  };
}

function digitsWriter(format: NumberFormat): NumberWriter {
  const { style, decimals, upperExponent } = format;
  switch (style) {
    case 'fixed':
      if (decimals === 0) return x => Number.isInteger(x) && Math.abs(x) < 1e21 ? signedZero(x, '' + x) : fixed(x, 0);
      return x => fixed(x, decimals);
    case 'shortest': return x => { const y = onGrid(x, decimals); return signedZero(y, '' + y); };
    case 'python': return x => pythonRepr(onGrid(x, decimals));
    case 'per-cell': return (x, own) => own === undefined ? '' + onGrid(x, decimals) : fixed(x, own);
    case 'exponent': return x => {
      const text = x.toExponential(decimals).replace(/e([+-])(\d)$/, 'e$10$2');
      return signedZero(x, upperExponent ? text.toUpperCase() : text);
    };
  }
}

const signedZero = (x: number, text: string) => x === 0 && Object.is(x, -0) ? '-' + text : text;

/** `toFixed`, but a generated value that rounds to nothing is not "-0.00"; only a real negative zero is. */
function fixed(x: number, decimals: number): string {
  const text = x.toFixed(decimals);
  if (x === 0) return Object.is(x, -0) ? '-' + text : text;
  return x < 0 && x > -1 && Number(text) === 0 ? text.slice(1) : text;
}

/** Python's `repr(float)` (short form): "41.0", "1e-05", "1e+16". */
export function pythonRepr(x: number): string {
  if (x === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  const size = Math.abs(x);
  if (size >= 1e16 || size < 1e-4) {
    return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = '' + x;
  return text.includes('.') ? text : text + '.0';
}

/** The number a lexeme stands for in a format; NaN when it is not one. Lenient: callers compare with what the writer makes of it. */
export function parseNumber(lexeme: string, format: NumberFormat): number {
  let text = lexeme;
  const { thousands, point, prefix, suffix } = format;
  if (prefix) text = text.replace(prefix, '');
  if (suffix && text.endsWith(suffix)) text = text.slice(0, -suffix.length);
  if (thousands) text = text.split(thousands).join('');
  if (point && point !== '.') text = text.replace(point, '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return NaN;
  const x = Number(text);
  return Number.isFinite(x) ? x : NaN;
}
