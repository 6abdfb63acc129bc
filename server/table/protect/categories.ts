import type { Stream } from '../../random';

export interface CategoryMap {
  /** The dictionary after protection. */
  categories: readonly string[];
  ordered: boolean;
  other?: string;
  rareValues: number; rareRows: number;
  /** Codes of any table's dictionary to codes of `categories`; -1 stays. Categories never seen in fitting count as rare. */
  apply(codes: Int32Array, dictionary: readonly string[]): Int32Array;
}

export interface CategoryOptions {
  categories: readonly string[]; counts: Int32Array;
  /** 0 or 1: nothing is rare. */
  k: number;
  ordered: boolean;
  /** Declared values: never rare. */
  keep: ReadonlySet<string>;
  /** Chooses replacements where rare cells are spread over common categories; started anew for every table, so that each is mapped the same whenever it is. */
  stream: () => Stream;
}

/** How a column's rare categories are replaced; see `Protection`. */
export function categoryMap({ categories, counts, k, ordered, keep, stream }: CategoryOptions): CategoryMap {
  const rare = (i: number) => counts[i] < k && !keep.has(categories[i]);
  const common: number[] = [];
  let rareValues = 0, rareRows = 0;
  for (let i = 0; i < categories.length; i++) {
    // Under protection a dictionary entry that no fitting row holds (left over from the whole table) is rare like any other.
    if (!rare(i)) { common.push(i); continue; }
    if (counts[i] > 0) { rareValues++; rareRows += counts[i]; }
  }
  if (ordered) return orderedMap(categories, counts, common, k, rareValues, rareRows);

  const names = common.map((i) => categories[i]);
  const position = new Map(names.map((v, i) => [v, i]));
  if (rareRows >= k || common.length === 0) {
    const { name, at } = rareRows > 0 || common.length === 0 ? otherName(names) : { name: undefined, at: undefined };
    if (name !== undefined) {
      const code = at ?? names.length;
      return {
        categories: at === undefined ? [...names, name] : names, ordered, other: name, rareValues, rareRows,
        apply: (codes, dictionary) => remap(codes, dictionary, position, () => code),
      };
    }
  }
  // Too few rare rows to be a category of their own: by the common categories' shares, as a missing value would be imputed at random.
  const cumulative = new Float64Array(common.length);
  let total = 0;
  common.forEach((i, n) => { total += Math.max(counts[i], 1e-9); cumulative[n] = total; });
  const drawFrom = (random: Stream) => () => {
    const u = random.uniform() * total;
    let n = 0;
    while (n < cumulative.length - 1 && cumulative[n] <= u) n++;
    return n;
  };
  return { categories: names, ordered, rareValues, rareRows, apply: (codes, dictionary) => remap(codes, dictionary, position, drawFrom(stream())) };
}

/**
 * Neighbouring values of the scale are joined, from the bottom up, until each group is in k rows; a group goes by its most
 * frequent value if that is common itself, else by the nearest common one.
 */
function orderedMap(categories: readonly string[], counts: Int32Array, common: number[], k: number, rareValues: number, rareRows: number): CategoryMap {
  if (common.length === 0) {
    const total = counts.reduce((a, b) => a + b, 0), name = otherName([]).name;
    return { categories: total >= k ? [name] : [], ordered: true, other: name, rareValues, rareRows, apply: (codes) => codes.map((c) => (c < 0 || total < k ? -1 : 0)) };
  }
  const nearest = (i: number) => {
    let best = 0;
    for (let n = 1; n < common.length; n++) if (Math.abs(common[n] - i) < Math.abs(common[best] - i)) best = n;
    return best;
  };
  const position = new Map(categories.map((v, i) => [v, nearest(i)]));
  return {
    categories: common.map((i) => categories[i]), ordered: true, rareValues, rareRows,
    // A value outside the scale has no neighbour; the middle of the scale is the least wrong.
    apply: (codes, dictionary) => remap(codes, dictionary, position, () => Math.floor(common.length / 2)),
  };
}

function remap(codes: Int32Array, dictionary: readonly string[], position: ReadonlyMap<string, number>, otherwise: () => number): Int32Array {
  const map = dictionary.map((v) => position.get(v) ?? -1);
  return codes.map((c) => (c < 0 ? -1 : map[c] >= 0 ? map[c] : otherwise()));
}

/** "other" in the letter case of its company, or the common category that already means it. */
export function otherName(names: readonly string[]): { name: string; at?: number } {
  const at = names.findIndex((v) => /^others?$/i.test(v.trim()));
  if (at >= 0) return { name: names[at], at };
  const lettered = names.filter((v) => /\p{L}/u.test(v));
  if (lettered.length > 0 && lettered.every((v) => v === v.toUpperCase())) return { name: 'OTHER' };
  if (lettered.length > 0 && lettered.every((v) => /^\P{L}*\p{Lu}/u.test(v))) return { name: 'Other' };
  return { name: 'other' };
}
