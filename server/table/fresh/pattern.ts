import type { Stream } from '../../random';

/**
 * The format of codes: for each place a fixed character or a class. "A/5 21171" is one letter, "/", one digit, space, five digits.
 * Places where all values of one shape agree on a *non-digit* character stay as they are (a prefix such as "INV-", a
 * separator); digits always vary, so that no part of a number is copied.
 */
interface Shape { weight: number; places: Place[] }
type Place = { fixed: string } | { alphabet: string };

const digits = '0123456789', lower = 'abcdefghijklmnopqrstuvwxyz', upper = lower.toUpperCase();

const classOf = (c: string): string => (/\d/.test(c) ? '9' : /\p{Lu}/u.test(c) ? 'A' : /\p{Ll}/u.test(c) ? 'a' : c);

/**
 * Learns the shapes of a sample of codes and draws new ones: a shape by how common it is (shapes in fewer than five of the
 * sample are left out unless there is no other), then every open place at random.
 */
export function patternSampler(sample: readonly string[], stream: Stream): (() => string) & { space: number } {
  const hex = hexCase(sample);
  const groups = new Map<string, string[]>();
  for (const v of sample) {
    const key = hex ? v.replace(/[\da-f]/gi, 'h') : [...v].map(classOf).join('');
    const group = groups.get(key);
    if (group) group.push(v); else groups.set(key, [v]);
  }
  let kept = [...groups.values()].filter((g) => g.length >= 5);
  if (kept.length === 0) kept = [...groups.values()].sort((a, b) => b.length - a.length).slice(0, 50);
  const shapes = kept.map((values): Shape => ({ weight: values.length, places: placesOf(values, hex) }));
  const total = shapes.reduce((n, s) => n + s.weight, 0);
  const draw = () => {
    let at = stream.below(total), s = 0;
    while (at >= shapes[s].weight) at -= shapes[s++].weight;
    let text = '';
    for (const p of shapes[s].places) text += 'fixed' in p ? p.fixed : p.alphabet[stream.below(p.alphabet.length)];
    return text;
  };
  const space = shapes.reduce((n, s) => n + s.places.reduce((m, p) => m * ('fixed' in p ? 1 : p.alphabet.length), 1), 0);
  return Object.assign(draw, { space });
}

function placesOf(values: readonly string[], hex: string | undefined): Place[] {
  const rows = values.map((v) => [...v]), length = rows[0].length;
  return Array.from({ length }, (_, i): Place => {
    const c = rows[0][i];
    if (hex && /[\da-f]/i.test(c)) return { alphabet: hex };
    if (/\d/.test(c)) {
      // A zero in every value is padding or a trunk prefix; a leading digit that is never zero stays so, or the length would change.
      if (values.length >= 5 && rows.every((r) => r[i] === '0')) return { fixed: '0' };
      const first = i === 0 || !/\d/.test(rows[0][i - 1]);
      return { alphabet: first && rows.every((r) => r[i] !== '0') && (rows[0][i + 1] !== undefined && /\d/.test(rows[0][i + 1])) ? digits.slice(1) : digits };
    }
    const fixed = rows.every((r) => r[i] === c) && (values.length >= 5 || !/\p{L}/u.test(c));
    return fixed ? { fixed: c } : { alphabet: /\p{Lu}/u.test(c) ? upper : /\p{Ll}/u.test(c) ? lower : c };
  });
}

/** Long strings of hexadecimal digits (hashes, tokens), in one case and with both letters and digits: the alphabet they use. */
function hexCase(sample: readonly string[]): string | undefined {
  if (!sample.every((v) => v.length >= 12 && /^[\da-f-]+$/i.test(v)) || !sample.some((v) => /[a-f]/i.test(v))) return undefined;
  if (sample.every((v) => v === v.toLowerCase())) return digits + 'abcdef';
  return sample.every((v) => v === v.toUpperCase()) ? digits + 'ABCDEF' : undefined;
}
