/** The values of columns, rules or groups by name: worst first, at most a hundred; undefined ones left out. */
export function worstFirst(values: ReadonlyArray<readonly [string, number]>, better: 'higher' | 'lower'): Record<string, number> {
  const sign = better === 'higher' ? 1 : -1;
  return Object.fromEntries(values.filter(([, v]) => Number.isFinite(v)).sort((a, b) => sign * (a[1] - b[1])).slice(0, 100));
}
