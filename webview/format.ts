/** How numbers, shares, times and verdicts are written in the report. Pure functions, no DOM. */
import type { Figure, Kind, MetricInfo, Verdict } from '../server/protocol';

const minus = '\u2212';
const sign = (text: string) => text.replace(/^-/, minus);

/** A count with thousands separators: 32,561. */
export const count = (n: number) => sign(Math.round(n).toLocaleString('en-US'));

/** A score in [0,1] as tables print it: three decimals, and more only where they tell values near 1 apart. */
export function score(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '\u2013';
  if (x >= 0.9995 && x < 1) return Math.min(x, 0.999999).toFixed(Math.min(6, Math.ceil(-Math.log10(1 - x)) + 1));
  return sign(x.toFixed(3));
}

/** A share as a percentage with two significant digits where it is small: .00034 -> 0.034%. */
export function share(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '\u2013';
  const p = Math.abs(x) * 100;
  // what is not all of it is not rounded to all of it
  if (p > 99.99 && p < 100) return `${x < 0 ? minus : ''}over 99.99%`;
  const decimals = p === 0 ? 0 : p >= 99.95 && p < 100 ? 2 : p >= 10 ? 1 : p >= 1 ? 1 : Math.min(6, 1 - Math.floor(Math.log10(p)));
  const digits = (p === 100 ? '100' : p.toFixed(decimals));
  return `${x < 0 ? minus : ''}${digits}%`;
}

/** Any number to about four significant digits, without exponents in the usual range. */
export function number(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return '\u2013';
  const a = Math.abs(x);
  if (a !== 0 && (a < 1e-4 || a >= 1e15)) return sign(x.toExponential(2));
  if (a >= 1e9) return sign(`${+(x / 1e9).toPrecision(3)}B`);
  if (a >= 1e6) return sign(`${+(x / 1e6).toPrecision(3)}M`);
  if (a >= 1e4) return sign(Math.round(x).toLocaleString('en-US'));
  return sign(String(+x.toPrecision(4)));
}

/** A duration in words a reader can hold: 0.8 s, 42 s, 1 min 25 s, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${+seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s % 60 ? ` ${s % 60} s` : ''}`;
  return `${Math.floor(s / 3600)} h${Math.round((s % 3600) / 60) ? ` ${Math.round((s % 3600) / 60)} min` : ''}`;
}

/** An ISO time in UTC, the same for every reader of the file: 22 Nov 2026, 03:19 UTC. */
export function moment(iso: string): string {
  const d = new Date(iso);
  if (Number.isNaN(d.getTime())) return iso;
  return d.toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' }) + ' UTC';
}

/** How a metric's values are written, by its unit. */
export function unitFormat(info: MetricInfo | undefined): (x: number | null | undefined) => string {
  if (info?.unit === 'share') return share;
  if (info?.unit === 'seconds') return (x) => (x === null || x === undefined ? '\u2013' : duration(x));
  if (info?.unit === 'score' || (info && info.range[0] >= -1 && info.range[1] <= 1)) return score;
  return (x) => (typeof x === 'number' && Math.abs(x) < 1 ? number(+x.toPrecision(3)) : number(x));
}

/** "32,561 synthetic, 16,281 control". */
export const samples = (s: Figure['samples']) => Object.entries(s).map(([name, n]) => `${count(n)}\u00a0${name}`).join(', ');

/** The last part of a path, with either separator. */
export const baseName = (path: string) => path.split(/[\\/]/).pop() || path;

export const verdictWords: Record<Verdict, string> = {
  good: 'Good', fair: 'Fair', poor: 'Poor', undecided: 'Undecided', 'not-assessable': 'Not assessable',
};

/** What stands above an edge of a histogram when the report gives no label: dates from days since 1970, times from milliseconds. */
export function edgeLabel(x: number, kind: Kind, span: number): string {
  if (kind === 'date') return new Date(x * 86_400_000).toISOString().slice(0, span > 3650 ? 4 : span > 120 ? 7 : 10);
  if (kind === 'datetime') {
    const iso = new Date(x).toISOString(), days = span / 86_400_000;
    return days > 3650 ? iso.slice(0, 4) : days > 120 ? iso.slice(0, 7) : days > 3 ? iso.slice(0, 10) : iso.slice(5, 16).replace('T', ' ');
  }
  if (kind === 'time') return new Date(x).toISOString().slice(11, 16);
  return number(x);
}

/** At most `n` characters, the cut shown. */
export const clip = (text: string, n: number) => (text.length <= n ? text : text.slice(0, n - 1) + '\u2026');
