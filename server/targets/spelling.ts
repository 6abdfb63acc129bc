/**
 * Values that another program has spelt its own way. pandas writes whole numbers of a column with missing cells as 4.0 and booleans as True; R writes TRUE; leading blanks get lost. What is the same value so spelt is taken as the same,
 * where exactly one value of the source can be meant.
 */

/** Equal for spellings of one value: numbers by size, words without case or blanks around them. */
const sense = (text: string): string => {
  const trimmed = text.trim();
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? `#${Number(trimmed)}` : trimmed.toLowerCase();
};

export interface Respelt { categories: string[]; /** New code of each old one. */ codes: Int32Array; /** One of the spellings that were taken for another. */ example: { there: string; source: string } }

/**
 * @param categories of the other table's column
 * @param source of the source's
 * @returns undefined where nothing is spelt otherwise
 */
export function respelt(categories: readonly string[], source: readonly string[]): Respelt | undefined {
  const known = new Set(source), meant = new Map<string, string | undefined>();
  if (categories.every((c) => known.has(c))) return undefined;
  // Two values of the source that differ in nothing else (a and A) are two values: neither can be meant by a third spelling.
  for (const value of source) { const key = sense(value); meant.set(key, meant.has(key) ? undefined : value); }
  const places = new Map<string, number>(), codes = new Int32Array(categories.length);
  let example: Respelt['example'] | undefined;
  categories.forEach((there, i) => {
    const other = known.has(there) ? undefined : meant.get(sense(there)), value = other ?? there;
    if (other !== undefined) example ??= { there, source: other };
    if (!places.has(value)) places.set(value, places.size);
    codes[i] = places.get(value)!;
  });
  return example && { categories: [...places.keys()], codes, example };
}
