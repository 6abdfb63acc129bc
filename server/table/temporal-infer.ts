import type { TemporalFormat } from './table';
import { temporalReader, temporalWriter, type TemporalKind } from './temporal-format';

export interface TemporalGuess {
  kind: TemporalKind; format: TemporalFormat;
  /** The zone text differs from cell to cell; `format.zone` is the most frequent. */
  zones: boolean;
  /** Day and month could as well be the other way round. */
  ambiguous: boolean;
}

const dates = [
  '%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d', '%m/%d/%Y', '%d/%m/%Y', '%d.%m.%Y', '%d-%m-%Y', '%m-%d-%Y', '%-m/%-d/%Y', '%-d/%-m/%Y', '%-d.%-m.%Y', '%-d-%-m-%Y', '%-m-%-d-%Y', '%Y-%-m-%-d', '%Y/%-m/%-d',
  '%m/%d/%y', '%d/%m/%y', '%d.%m.%y', '%-m/%-d/%y', '%-d/%-m/%y', '%-d.%-m.%y', '%d-%m-%y',
  '%d-%b-%Y', '%-d-%b-%Y', '%d-%b-%y', '%-d-%b-%y', '%d %b %Y', '%-d %b %Y', '%d %B %Y', '%-d %B %Y', '%b %d, %Y', '%b %-d, %Y', '%B %d, %Y', '%B %-d, %Y', '%b %d %Y', '%b %-d %Y',
  '%a, %d %b %Y', '%A, %B %-d, %Y', '%Y-%b-%d',
];
const months = ['%Y-%m', '%Y/%m', '%m/%Y', '%b %Y', '%B %Y', '%b-%Y', '%b-%y'];
const times = ['%H:%M:%S', '%H:%M', '%-H:%M:%S', '%-H:%M', '%I:%M %p', '%-I:%M %p', '%I:%M:%S %p', '%-I:%M:%S %p', '%H:%M:%S.%g', '%H:%M:%S.%f', '%H:%M:%S,%g', '%H:%M:%S%q', '%H:%M:%S%Q'];
const patterns: Record<TemporalKind, string[]> = {
  date: [...dates, ...months, '%Y%m%d'], time: times,
  datetime: [...dates.flatMap(d => [' ', 'T', ', '].flatMap(gap => times.map(t => d + gap + t))), '%Y%m%dT%H%M%S', '%Y%m%d%H%M%S'],
};
const zone = /(?<=\d)( ?(?:Z|UTC|GMT)|[+-]\d\d(?::?\d\d)?)$/;

/** The temporal format under which our writer reproduces every lexeme; undefined when there is none. */
export function inferTemporal(lexemes: readonly string[]): TemporalGuess | undefined {
  const first = lexemes[0];
  if (!first || first.length > 40 || !/\d/.test(first) || !/^\d{8}(\d{6})?$|[-/.: ]/.test(first)) return undefined;
  const kinds: TemporalKind[] = first.includes(':') || /^\d{14}|^\d{8}T/.test(first) ? (/^\d?\d:\d\d/.test(first) ? ['time'] : ['datetime']) : ['date'];
  for (const kind of kinds) {
    const zoned = kind === 'datetime' ? zone.exec(first)?.[0] : undefined;
    const zones = zoned === undefined ? [] : mostFrequent(lexemes.map(t => zone.exec(t)?.[0] ?? '?'));
    if (zones.includes('?') || zones.length > 250) continue;
    const fits = patterns[kind].filter(pattern => {
      const format: TemporalFormat = { pattern, ...(zoned === undefined ? {} : { zone: zones[0] }) };
      const { read, zoneOf } = temporalReader(kind, format, zones.length > 1);
      const write = temporalWriter(kind, format);
      return lexemes.every(t => { const x = read(t); return x === x && write(x, zones.length > 1 ? zoneOf(t) : undefined) === t; });
    });
    if (!fits.length) continue;
    // Eight digits may be a plain number: only many distinct calendar days of our time are dates.
    if (fits[0] === '%Y%m%d' && (new Set(lexemes).size < 5 || lexemes.some(t => t < '19000101' || t > '21001231'))) continue;
    const chosen = choose(kind, fits, lexemes);
    return { kind, format: { pattern: chosen, ...(zoned === undefined ? {} : { zone: zones[0] }) }, zones: zones.length > 1, ambiguous: swapped(chosen) !== chosen && fits.includes(swapped(chosen)) };
  }
  return undefined;
}

const mostFrequent = (texts: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const t of texts) counts.set(t, (counts.get(t) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([t]) => t);
};
const swapped = (pattern: string) => pattern.replace(/%(-?)([md])(\W)%(-?)([md])/, (_, a: string, x: string, gap: string, b: string, y: string) => `%${a}${y}${gap}%${b}${x}`);

/** Of a day-month and a month-day reading, the one in which a file in time order is in time order; else the first listed. */
function choose(kind: TemporalKind, fits: string[], lexemes: readonly string[]): string {
  const [first] = fits;
  const other = swapped(first);
  if (other === first || !fits.includes(other)) return first;
  const ordered = (pattern: string) => {
    const { read } = temporalReader(kind, { pattern }, false);
    let up = 0, down = 0;
    for (let i = 1; i < lexemes.length; i++) { const step = read(lexemes[i]) - read(lexemes[i - 1]); if (step > 0) up++; else if (step < 0) down++; }
    return Math.max(up, down) / Math.max(1, up + down);
  };
  return ordered(other) > ordered(first) + 0.2 ? other : first;
}
