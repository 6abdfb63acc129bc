/** Numbers as a reader wants them. */
import { t } from './l10n';

export const count = (n: number) => n.toLocaleString('en-US');
/** @param one, many English words with `{0}` where the number goes; keys of the bundle, as those of `t` */
export const plural = (n: number, one: string, many: string) => t(n === 1 ? one : many, count(n));

/** Seconds as "8 s", "1 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t('{0} s', s);
  if (s < 3600) return s % 60 ? t('{0} min {1} s', Math.floor(s / 60), s % 60) : t('{0} min', s / 60);
  const minutes = Math.round(s / 60);
  return minutes % 60 ? t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60) : t('{0} h', minutes / 60);
}

/** Bytes as "812 B", "4.1 MB". */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${unit && n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

export const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** A row of a quick pick is one line, and what does not fit is cut. */
export const firstSentence = (text: string) => /^.*?[.!?](?= |$)/s.exec(text)?.[0] ?? text;
