/** How figures, times and names are written beside a table. */
import type { Verdict } from '../protocol';

export { count, decimal, percent } from '../report/words';

/** Names and values come out of the user's file: nothing in them may become markup, a link, an icon (the editor looks for these after unescaping) or a new line. */
export const plain = (text: string): string => text.replace(/[\r\n\t]+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~&$-]/g, (c) => (c === '$' ? '&#36;' : `\\${c}`));

/** At most `n` characters, the cut shown; never half a surrogate pair. */
export function clip(text: string, n: number): string {
  const letters = Array.from(text.replace(/[\r\n\t]+/g, ' '));
  return letters.length <= n ? letters.join('') : `${letters.slice(0, n - 1).join('')}…`;
}

export const icons: Record<Verdict, string> = { good: '$(pass)', fair: '$(info)', poor: '$(warning)', undecided: '$(question)', 'not-assessable': '$(circle-slash)' };
export const verdictWords: Record<Verdict, string> = { good: 'good', fair: 'fair', poor: 'poor', undecided: 'undecided', 'not-assessable': 'not assessable' };

/** How long ago, in the largest unit that says enough. */
export function ago(iso: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (!(minutes >= 1)) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 60 * 24 * 60) return `${Math.floor(minutes / 1440)} days ago`;
  return `on ${iso.slice(0, 10)}`;
}
