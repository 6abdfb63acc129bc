import type { TemporalFormat } from './table';

const monthsShort = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthsLong = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const daysShort = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const daysLong = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const dayMs = 86_400_000;

/** Calendar fields of a moment; `micro` counts microseconds within the second. */
interface Fields { year: number; month: number; day: number; hour: number; minute: number; second: number; micro: number; pm?: boolean; hour12?: number }

/**
 * A directive of the pattern: how it is written, and the expression that reads it.
 * As in C's strftime, plus %-d, %-m, %-H, %-I (no padding), %f (microseconds, 6 digits) and %g (milliseconds, 3 digits). Our own are
 * %q, the fraction with its point as Python's isoformat writes it (six digits, or nothing), and %Q as databases do (no trailing zeros).
 */
interface Directive { write(f: Fields, weekday: number): string; read: string; set(f: Fields, text: string): boolean }
const two = (n: number) => n < 10 ? '0' + n : '' + n;
const number = (read: string, write: Directive['write'], key: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', low: number, high: number): Directive =>
  ({ write, read, set: (f, t) => { const n = Number(t); f[key] = n; return n >= low && n <= high; } });
const word = (words: string[], write: Directive['write'], use: (f: Fields, index: number) => void): Directive =>
  ({ write, read: words.join('|'), set: (f, t) => { const i = words.indexOf(t); if (i < 0) return false; use(f, i); return true; } });
const twelve = (hour: number) => hour % 12 === 0 ? 12 : hour % 12;

const directives: Record<string, Directive> = {
  '%Y': number('\\d{4}', f => String(f.year).padStart(4, '0'), 'year', 0, 9999),
  // C's pivot: 69-99 are 1969-1999.
  '%y': { write: f => two(f.year % 100), read: '\\d{2}', set: (f, t) => { const n = Number(t); f.year = n < 69 ? 2000 + n : 1900 + n; return true; } },
  '%m': number('\\d{2}', f => two(f.month), 'month', 1, 12),
  '%-m': number('\\d{1,2}', f => '' + f.month, 'month', 1, 12),
  '%d': number('\\d{2}', f => two(f.day), 'day', 1, 31),
  '%-d': number('\\d{1,2}', f => '' + f.day, 'day', 1, 31),
  '%H': number('\\d{2}', f => two(f.hour), 'hour', 0, 23),
  '%-H': number('\\d{1,2}', f => '' + f.hour, 'hour', 0, 23),
  '%I': { write: f => two(twelve(f.hour)), read: '\\d{2}', set: (f, t) => { f.hour12 = Number(t); return f.hour12 >= 1 && f.hour12 <= 12; } },
  '%-I': { write: f => '' + twelve(f.hour), read: '\\d{1,2}', set: (f, t) => { f.hour12 = Number(t); return f.hour12 >= 1 && f.hour12 <= 12; } },
  '%p': { write: f => f.hour < 12 ? 'AM' : 'PM', read: 'AM|PM', set: (f, t) => { f.pm = t === 'PM'; return true; } },
  '%M': number('\\d{2}', f => two(f.minute), 'minute', 0, 59),
  '%S': number('\\d{2}', f => two(f.second), 'second', 0, 59),
  '%f': { write: f => String(f.micro).padStart(6, '0'), read: '\\d{6}', set: (f, t) => { f.micro = Number(t); return true; } },
  '%g': { write: f => String(Math.trunc(f.micro / 1000)).padStart(3, '0'), read: '\\d{3}', set: (f, t) => { f.micro = Number(t) * 1000; return true; } },
  '%q': { write: f => f.micro ? '.' + String(f.micro).padStart(6, '0') : '', read: '(?:\\.\\d{6})?', set: (f, t) => { f.micro = Number(t.slice(1)); return true; } },
  '%Q': { write: f => f.micro ? '.' + String(f.micro).padStart(6, '0').replace(/0+$/, '') : '', read: '(?:\\.\\d{1,6})?', set: (f, t) => { f.micro = Number(t.slice(1).padEnd(6, '0')); return true; } },
  '%b': word(monthsShort, f => monthsShort[f.month - 1], (f, i) => { f.month = i + 1; }),
  '%B': word(monthsLong, f => monthsLong[f.month - 1], (f, i) => { f.month = i + 1; }),
  '%a': word(daysShort, (_, w) => daysShort[w], () => undefined),
  '%A': word(daysLong, (_, w) => daysLong[w], () => undefined),
};

type Token = Directive | string;
function tokens(pattern: string): Token[] {
  return pattern.split(/(%-?[A-Za-z])/).filter(Boolean).map(piece => {
    if (!piece.startsWith('%')) return piece;
    const directive = directives[piece];
    if (!directive) throw new Error(`unknown directive ${piece} in temporal pattern "${pattern}"`);
    return directive;
  });
}

/** Minutes east of UTC that a zone text means: 'Z', 'UTC', ' GMT', '+02', '+0200', '+02:00'; NaN when it is no such text. */
export function zoneMinutes(zone: string): number {
  if (/^ ?(Z|UTC|GMT)$/.test(zone)) return 0;
  const m = /^ ?([+-])(\d\d)(?::?(\d\d))?$/.exec(zone);
  return m && Number(m[3] ?? 0) < 60 ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3] ?? 0)) : NaN;
}

export type TemporalKind = 'date' | 'time' | 'datetime';

/**
 * Writer for a column of dates (days since 1970-01-01), times or date-times (milliseconds, fractions down to a microsecond).
 * `zone`, where given, replaces the format's: a cell's own offset.
 */
export function temporalWriter(kind: TemporalKind, format: TemporalFormat): (value: number, zone?: string) => string {
  const parts = tokens(format.pattern);
  const ownOffset = format.zone ? zoneMinutes(format.zone) * 60_000 : 0;
  return (value, zone) => {
    const offset = zone === undefined ? ownOffset : zoneMinutes(zone) * 60_000;
    const ms = kind === 'date' ? Math.round(value) * dayMs : value + offset;
    const totalMicro = Math.round((ms - Math.floor(ms)) * 1000);
    const wholeMs = Math.floor(ms) + (totalMicro === 1000 ? 1 : 0);
    const date = new Date(wholeMs);
    const fields: Fields = {
      year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(),
      hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
      micro: date.getUTCMilliseconds() * 1000 + totalMicro % 1000,
    };
    const weekday = date.getUTCDay();
    let text = '';
    for (const part of parts) text += typeof part === 'string' ? part : part.write(fields, weekday);
    return text + (zone ?? format.zone ?? '');
  };
}

/**
 * Reader: the column value of a lexeme, NaN when the lexeme does not have exactly this format.
 * With `anyZone` the pattern may be followed by any zone text; it is then returned by `zoneOf`.
 */
export function temporalReader(kind: TemporalKind, format: TemporalFormat, anyZone = false): { read(lexeme: string): number; zoneOf(lexeme: string): string } {
  const parts = tokens(format.pattern);
  const escape = (s: string) => s.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const zonePart = anyZone ? '( ?(?:Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?))' : escape(format.zone ?? '');
  const expression = new RegExp('^' + parts.map(p => typeof p === 'string' ? escape(p) : `(${p.read})`).join('') + zonePart + '$');
  const setters = parts.filter((p): p is Directive => typeof p !== 'string');
  const ownOffset = format.zone ? zoneMinutes(format.zone) * 60_000 : 0;
  return {
    read(lexeme) {
      const m = expression.exec(lexeme);
      if (!m) return NaN;
      const f: Fields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, micro: 0 };
      for (let i = 0; i < setters.length; i++) if (!setters[i].set(f, m[i + 1])) return NaN;
      if (f.hour12 !== undefined) f.hour = f.hour12 % 12 + (f.pm ? 12 : 0);
      const date = new Date(0);
      date.setUTCFullYear(f.year, f.month - 1, f.day);
      if (date.getUTCMonth() !== f.month - 1) return NaN;   // 31 April
      if (kind === 'date') return date.getTime() / dayMs;
      const clock = ((f.hour * 60 + f.minute) * 60 + f.second) * 1000 + f.micro / 1000;
      if (kind === 'time') return clock;
      const offset = anyZone ? zoneMinutes(m[m.length - 1]) * 60_000 : ownOffset;
      return Number.isNaN(offset) ? NaN : date.getTime() + clock - offset;
    },
    zoneOf(lexeme) { return anyZone ? expression.exec(lexeme)?.[setters.length + 1] ?? '' : format.zone ?? ''; },
  };
}
