/** The arithmetic of SMOTE and SMOTE-NC (Chawla, Bowyer, Hall & Kegelmeyer, J. Artificial Intelligence Research 16, 2002), as imbalanced-learn 0.14 does it. */

/** A new row on the line from a row to its neighbour: x_i + step (x_nn - x_i). All [-, d] row-major. */
export function interpolate(x: Float64Array, row: number, neighbour: number, step: number, d: number, out: Float64Array, at: number): void {
  for (let j = 0; j < d; j++) out[at + j] = x[row * d + j]! + step * (x[neighbour * d + j]! - x[row * d + j]!);
}

/** The most frequent of the neighbours' codes; `choose` settles ties (codes ascending). Section 6.1: the row itself has no vote. */
export function vote(codes: Int32Array, width: number, column: number, neighbours: Int32Array, choose: (ties: number[]) => number): number {
  const counts = new Map<number, number>();
  let most = 0;
  for (const r of neighbours) {
    const code = codes[r * width + column]!, n = (counts.get(code) ?? 0) + 1;
    counts.set(code, n);
    if (n > most) most = n;
  }
  const ties = [...counts].filter(([, n]) => n === most).map(([code]) => code).sort((a, b) => a - b);
  return ties.length === 1 ? ties[0]! : choose(ties);
}

/** Median over the numbers of their standard deviations (dividing by n): what a differing category adds to a distance. 0 without numbers. */
export function medianDeviation(x: Float64Array, rows: ArrayLike<number>, d: number): number {
  const n = rows.length, all = Array.from({ length: d }, (_, j) => {
    let mean = 0, squares = 0;
    for (let i = 0; i < n; i++) mean += x[rows[i]! * d + j]! / n;
    for (let i = 0; i < n; i++) squares += (x[rows[i]! * d + j]! - mean) ** 2 / n;
    return Math.sqrt(squares);
  }).sort((a, b) => a - b);
  return d === 0 ? 0 : d % 2 === 1 ? all[d >> 1]! : (all[d / 2 - 1]! + all[d / 2]!) / 2;
}

/**
 * Points whose Euclidean distances are SMOTE-NC's: the numbers, then each category one-hot at `deviation` / sqrt 2, so that two different ones are `deviation` apart.
 * @param sizes codes in [0, size) of each category column @returns float32 [rows, d + sum of sizes]
 */
export function neighbourPoints(x: Float64Array, codes: Int32Array, rows: ArrayLike<number>, d: number, sizes: readonly number[], deviation: number): { values: Float32Array; width: number } {
  const offsets = sizes.map((_, f) => d + sizes.slice(0, f).reduce((a, b) => a + b, 0)), width = d + sizes.reduce((a, b) => a + b, 0), values = new Float32Array(rows.length * width), one = deviation / Math.SQRT2;
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i]!;
    for (let j = 0; j < d; j++) values[i * width + j] = x[r * d + j]!;
    for (let f = 0; f < sizes.length; f++) values[i * width + offsets[f]! + codes[r * sizes.length + f]!] = one;
  }
  return { values, width };
}
