/**
 * Where a number's values lie, from noisy counts over a grid that is known without the table: geometric, eight equal steps to each doubling, of both signs, so that a value of any size is in
 * one of about a thousand bins. An end is found to an eighth of its size; what lies beyond the bins that stand out of the noise is drawn in.
 */
const perOctave = 8;

/** The geometric grid of a column: magnitudes below `base` are one bin, then `octaves` doublings. */
export interface Geometric { base: number; octaves: number }

/** @param step the column's own grid; null: none */
export const geometric = (step: number | null): Geometric => (step === null ? { base: 2 ** -40, octaves: 104 } : { base: step / 2, octaves: 64 });

const size = (g: Geometric): number => 2 * g.octaves * perOctave + 1;
const middle = (g: Geometric): number => g.octaves * perOctave;

/** The bin of a value: negative ones first, by size, then about zero, then positive ones. */
function binOf(v: number, g: Geometric): number {
  const ratio = Math.abs(v) / g.base;
  if (ratio < 1) return middle(g);
  const octave = Math.min(g.octaves - 1, Math.floor(Math.log2(ratio))), within = Math.min(perOctave - 1, Math.max(0, Math.floor((ratio / 2 ** octave - 1) * perOctave)));
  const at = octave * perOctave + within + 1;
  return middle(g) + (v < 0 ? -at : at);
}

/** Lower and upper end of a bin. */
function endsOf(bin: number, g: Geometric): [number, number] {
  const at = Math.abs(bin - middle(g)) - 1;
  if (at < 0) return [-g.base, g.base];
  const edge = (k: number) => g.base * 2 ** Math.floor(k / perOctave) * (1 + (k % perOctave) / perOctave);
  return bin > middle(g) ? [edge(at), edge(at + 1)] : [-edge(at + 1), -edge(at)];
}

/** Rows in each bin. NaN counts nowhere. */
export function geometricCounts(values: Float64Array, g: Geometric): Float64Array {
  const counts = new Float64Array(size(g));
  for (const v of values) if (!Number.isNaN(v)) counts[binOf(v, g)]!++;
  return counts;
}

/**
 * Ends that hold all bins whose noisy count stands out, and whole doublings where only their sum does: among all of them noise alone does so with a probability of about 2%. Where none does, the fullest bin.
 * @param sigma the counts' noise
 */
export function boundsFrom(noisy: ArrayLike<number>, g: Geometric, sigma: number): { min: number; max: number } {
  const bins = size(g), least = Math.sqrt(2 * Math.log(bins / 0.02)) * sigma;
  let min = Infinity, max = -Infinity, fullest = 0;
  const take = (from: number, to: number) => { min = Math.min(min, endsOf(from, g)[0]); max = Math.max(max, endsOf(to, g)[1]); };
  for (let b = 0; b < bins; b++) {
    if (noisy[b]! > noisy[fullest]!) fullest = b;
    if (noisy[b]! > least) take(b, b);
  }
  for (const side of [0, middle(g) + 1]) {
    for (let from = side; from < side + middle(g); from += perOctave) {
      let sum = 0, alone = false;
      for (let b = from; b < from + perOctave; b++) { sum += noisy[b]!; if (noisy[b]! > least) alone = true; }
      // A thin tail shows in no single bin of a doubling; where one does, it says more.
      if (!alone && sum > least * Math.sqrt(perOctave)) take(from, from + perOctave - 1);
    }
  }
  if (min > max) take(fullest, fullest);
  return { min, max };
}
