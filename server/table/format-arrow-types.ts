import * as arrow from 'apache-arrow';
import { pythonRepr } from './number-format';
import { temporalReader, temporalWriter } from './temporal-format';

const units = ['s', 'ms', 'us', 'ns'] as const;
/** Ticks of a time unit in a millisecond, as numerator and denominator. */
const perMs: Array<[bigint, bigint]> = [[1n, 1000n], [1n, 1n], [1000n, 1n], [1000000n, 1n]];
const { DataType } = arrow;

/** The type in short words, to write it back: 'Int32', 'Float64', 'Timestamp:us:UTC', 'Dictionary' ... 'nested' for what is kept as text. */
export function codeOfType(type: arrow.DataType): string {
  if (DataType.isInt(type)) return `${type.isSigned ? 'Int' : 'Uint'}${type.bitWidth}`;
  if (DataType.isFloat(type)) return ['Float16', 'Float32', 'Float64'][type.precision];
  if (DataType.isBool(type)) return 'Bool';
  if (DataType.isNull(type)) return 'Null';
  if (DataType.isDate(type)) return type.unit === arrow.DateUnit.DAY ? 'DateDay' : 'DateMs';
  if (DataType.isTimestamp(type)) return `Timestamp:${units[type.unit]}:${type.timezone ?? ''}`;
  if (DataType.isTime(type)) return `Time:${units[type.unit]}`;
  if (DataType.isDecimal(type)) return `Decimal:${type.precision}:${type.scale}:${type.bitWidth}`;
  if (DataType.isDictionary(type)) return codeOfType(type.dictionary as arrow.DataType) === 'Utf8' ? 'Dictionary' : codeOfType(type.dictionary as arrow.DataType);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return 'Utf8';
  return 'nested';
}

/** The type to write for a code; undefined where the column's kind decides better ('Dictionary'). */
export function typeOfCode(code: string): arrow.DataType | undefined {
  const [name, a, ...rest] = code.split(':');
  const plain: Record<string, () => arrow.DataType> = {
    Int8: () => new arrow.Int8(), Int16: () => new arrow.Int16(), Int32: () => new arrow.Int32(), Int64: () => new arrow.Int64(),
    Uint8: () => new arrow.Uint8(), Uint16: () => new arrow.Uint16(), Uint32: () => new arrow.Uint32(), Uint64: () => new arrow.Uint64(),
    Float16: () => new arrow.Float32(), Float32: () => new arrow.Float32(), Float64: () => new arrow.Float64(), Bool: () => new arrow.Bool(), Null: () => new arrow.Null(),
    DateDay: () => new arrow.DateDay(), DateMs: () => new arrow.DateMillisecond(), Utf8: () => new arrow.Utf8(), nested: () => new arrow.Utf8(),
    Timestamp: () => new [arrow.TimestampSecond, arrow.TimestampMillisecond, arrow.TimestampMicrosecond, arrow.TimestampNanosecond][units.indexOf(a as 's')](rest.join(':') || null),
    Time: () => new [arrow.TimeSecond, arrow.TimeMillisecond, arrow.TimeMicrosecond, arrow.TimeNanosecond][units.indexOf(a as 's')](),
    Decimal: () => new arrow.Decimal(Number(rest[0]), Number(a), Number(rest[1] ?? 128)),
  };
  return plain[name]?.();
}

/** The text of each value of a column, null where null. */
export function textOf(vector: arrow.Vector, type: arrow.DataType): (row: number) => string | null {
  const value = (write: (v: never, row: number) => string) => (row: number) => { const v: unknown = vector.get(row); return v === null || v === undefined ? null : write(v as never, row); };
  if (DataType.isDictionary(type)) {
    const words = new Map<unknown, string | null>();
    const inner = type.dictionary as arrow.DataType;
    return value((v: unknown) => {
      let t = words.get(v);
      if (t === undefined) words.set(v, t = textOf({ get: () => v } as unknown as arrow.Vector, inner)(0));
      return t ?? '';
    });
  }
  if (DataType.isFloat(type)) return value(type.precision === arrow.Precision.DOUBLE ? (x: number) => floatText(x) : (x: number) => floatText(Number.isFinite(x) ? shortestSingle(x) : x));
  if (DataType.isDate(type)) { const write = temporalWriter('date', { pattern: '%Y-%m-%d' }); return value((ms: number) => write(Number(ms) / 86_400_000)); }
  if (DataType.isTimestamp(type)) {
    let fractions = false;
    for (let i = 0; i < vector.length && !fractions; i++) { const v = vector.get(i) as number | null; fractions = v !== null && v % 1000 !== 0; }
    const write = temporalWriter('datetime', { pattern: `%Y-%m-%d %H:%M:%S${fractions ? '.%f' : ''}`, ...(type.timezone ? { zone: '+00' } : {}) });
    return value((ms: number) => write(Number(ms)));
  }
  if (DataType.isTime(type)) {
    const [up, down] = perMs[type.unit];
    const ms = (v: number | bigint) => Number(v) * Number(down) / Number(up);
    let fractions = false;
    for (let i = 0; i < vector.length && !fractions; i++) { const v = vector.get(i) as number | bigint | null; fractions = v !== null && ms(v) % 1000 !== 0; }
    const write = temporalWriter('time', { pattern: `%H:%M:%S${fractions ? '.%f' : ''}` });
    return value((v: number | bigint) => write(ms(v)));
  }
  if (DataType.isDecimal(type)) return value((v: Uint32Array) => decimalText(wide(v, type.bitWidth), type.scale));
  if (codeOfType(type) === 'nested') return value((v: unknown) => v instanceof Uint8Array ? Buffer.from(v).toString('hex') : JSON.stringify(v, (_k, x: unknown) => typeof x === 'bigint' ? String(x) : x));
  return value((v: unknown) => String(v));
}

const floatText = (x: number) => Number.isFinite(x) ? pythonRepr(x) : x !== x ? 'nan' : x > 0 ? 'inf' : '-inf';
/** The shortest decimal that is the same single-precision number. */
function shortestSingle(x: number): number {
  for (let digits = 6; digits < 9; digits++) { const y = Number(x.toPrecision(digits)); if (Math.fround(y) === x) return y; }
  return Number(x.toPrecision(9));
}
function wide(words: Uint32Array, bits: number): bigint {
  let n = 0n;
  for (let i = words.length - 1; i >= 0; i--) n = n << 32n | BigInt(words[i]);
  return BigInt.asIntN(bits, n);
}
function decimalText(n: bigint, scale: number): string {
  const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
  return (n < 0n ? '-' : '') + (scale > 0 ? digits.slice(0, -scale) + '.' + digits.slice(-scale) : digits);
}

const clock = ['%H:%M:%S', '%H:%M:%S.%f'].map(pattern => temporalReader('time', { pattern }));
const stamp = ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f'].map(pattern => temporalReader('datetime', { pattern }));
const day = temporalReader('date', { pattern: '%Y-%m-%d' });
const micros = (readers: typeof clock, text: string) => { for (const r of readers) { const ms = r.read(text); if (ms === ms) return BigInt(Math.round(ms * 1000)); } throw new Error(`not a time: ${text}`); };

/** The value of a text in a type, as its buffer holds it. */
export function fromText(type: arrow.DataType, text: string): number | bigint {
  if (DataType.isInt(type)) return type.bitWidth === 64 ? BigInt(text.replace(/\.0*$/, '')) : Number(text);
  if (DataType.isFloat(type)) return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);
  if (DataType.isBool(type)) return text === 'true' ? 1 : 0;
  if (DataType.isDate(type)) { const days = day.read(text); return type.unit === arrow.DateUnit.DAY ? days : BigInt(days) * 86_400_000n; }
  if (DataType.isTimestamp(type)) { const us = micros(stamp, text.replace(/\+00$/, '')); const [up, down] = perMs[type.unit]; return us * up / (down * 1000n); }
  if (DataType.isTime(type)) { const us = micros(clock, text); const [up, down] = perMs[type.unit]; const v = us * up / (down * 1000n); return type.bitWidth === 64 ? v : Number(v); }
  if (DataType.isDecimal(type)) { const [whole, part = ''] = text.split('.'); return BigInt(whole + part.padEnd(type.scale, '0').slice(0, type.scale)); }
  throw new Error(`no values of type ${String(type)} can be written`);
}

/** A buffer for values of a type, and how to put one in. */
export function typedArrayFor(type: arrow.DataType, length: number): { values: ArrayBufferView; set(row: number, value: number | bigint): void } {
  if (DataType.isBool(type)) { const bits = new Uint8Array(Math.ceil(length / 64) * 8); return { values: bits, set: (row, v) => { if (v) bits[row >> 3] |= 1 << (row & 7); } }; }
  if (DataType.isDecimal(type)) {
    const words = type.bitWidth / 32, out = new Uint32Array(length * words);
    return { values: out, set: (row, v) => { let n = BigInt.asUintN(type.bitWidth, BigInt(v)); for (let i = 0; i < words; i++) { out[row * words + i] = Number(n & 0xffffffffn); n >>= 32n; } } };
  }
  if (DataType.isTimestamp(type)) { const out = new BigInt64Array(length); return { values: out, set: (row, v) => { out[row] = BigInt(v); } }; }
  if (DataType.isDate(type) && type.unit === arrow.DateUnit.MILLISECOND) { const out = new BigInt64Array(length); return { values: out, set: (row, v) => { out[row] = BigInt(v); } }; }
  const out = new (type.ArrayType as new (n: number) => Int32Array | BigInt64Array)(length);
  return { values: out, set: (row, v) => { (out as unknown as Array<number | bigint>)[row] = v; } };
}
