import { gammaQ } from '../../learners/distributions';
import { Stream } from '../../random';
import type { Coded } from '../fidelity/association';
import { binned } from '../fidelity/binned';
import { fidelityVerdict } from '../fidelity/verdict';
import { sampleRows } from '../features';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { controlViewOf, type Part, type View } from '../view';
import * as thresholds from './thresholds';

const mostStatements = 300, mostRows = 10_000, level = 0.01;
/** Two tables of one population agree less than all but 4 of 99 other pairs once in twenty. */
const dealings = 99, fewestAsLow = 5;

/**
 * Conditional-independence fidelity (after TabStruct: Jiang, Simidjievski & Jamnik 2025, whose score compares conditional independences of synthetic rows with those of the true causal graph; here, where
 * no graph is known, with those that the training rows show): statements "x and y are independent given z" over random triples of columns, each tested by a G-test at 1% on equally many rows of
 * either table; columns as four quantile bins or the four commonest categories. The value is balanced accuracy: the mean of the shares of the training rows' dependences and independences that
 * the synthetic rows show too. A statement near its level flips by chance, and in small tables many are near: what agrees as well as five of 99 pairs of tables to which real rows
 * were dealt is not accused (a fresh table is, once in about twenty).
 */
export const metric: Metric = {
  async compute(context) {
    const id = 'structure.conditional-independence', view = await controlViewOf(context), C = view.columns.length;
    const n = Math.min(view.rows.training, view.rows.synthetic, mostRows, ...(view.hasControl ? [view.rows.control] : []));
    if (C < 3 || n < 200) return notAssessable(id, C < 3 ? 'There are fewer than three columns.' : `${n} rows are too few to test independence.`, {}, 'undecided');
    const statements = drawn(C, context.seed), coded = async (part: Part, purpose: string, skip = 0): Promise<Coded[]> => {
      await context.progress(0.2);
      return codesOf(view, part, sampleRows(view.rows[part], n + skip, context.seed, purpose).subarray(skip));
    };
    const answers = (columns: readonly Coded[]) => statements.map(([x, y, z]) => dependent(columns[x], columns[y], columns[z]));
    const other = !view.hasControl && view.rows.training >= 2 * n, trained = await coded('training', `${id} training`), synthetic = await coded('synthetic', `${id} synthetic`);
    const fresh = view.hasControl ? await coded('control', `${id} control`) : other ? await coded('training', `${id} training`, n) : undefined, real = answers(trained);
    const value = agreement(real, answers(synthetic)), reference = fresh && agreement(real, answers(fresh)), shortfall = (reference ?? 1) - value;
    if (Number.isNaN(value)) return notAssessable(id, 'The training rows show dependences only, or none.', { statements: statements.length });
    let verdict = fidelityVerdict(Math.max(0, shortfall), thresholds.independence), chance = '', asLow = 0;
    for (let k = 0; k < dealings && verdict !== 'good' && !chance; k++) {
      await context.progress(0.3 + (0.7 * k) / dealings);
      const [a, b] = dealt(trained, fresh, new Stream(context.seed, `${id} dealing ${k}`)).map(answers) as [boolean[], boolean[]];
      if (agreement(a, b) <= value && ++asLow >= fewestAsLow) { verdict = 'undecided'; chance = ' Two tables of real rows agree as little by chance.'; }
    }
    return {
      metric: id, value, samples: { synthetic: n, training: n, statements: statements.length }, verdict, detail: { shortfall },
      ...(reference !== undefined ? { reference: { label: view.hasControl ? 'control rows' : 'other training rows', value: reference } } : {}),
      note: `${statements.length} statements over random triples of columns (seeded), each tested on ${n} rows of a table.${chance}`,
    };
  },
};

function drawn(C: number, seed: number): Array<[number, number, number]> {
  const every: Array<[number, number, number]> = [], limit = Math.min(C, 30);
  for (let x = 0; x < limit; x++) for (let y = x + 1; y < limit; y++) for (let z = 0; z < limit; z++) if (z !== x && z !== y) every.push([x, y, z]);
  return Array.from(sampleRows(every.length, mostStatements, seed, 'independence statements'), k => every[k]);
}
const codesOf = (view: View, part: Part, rows: Int32Array): Coded[] => view.columns.map(c => { const { codes, levels } = binned(c, part, 4, 4); return { codes: rows.map(r => codes[r]), levels }; });

/** Real rows dealt to two tables: those of two real tables to two of the same size, those of one to its halves. */
function dealt(a: readonly Coded[], b: readonly Coded[] | undefined, stream: Stream): [Coded[], Coded[]] {
  const n = a[0].codes.length, order = stream.shuffle(Int32Array.from({ length: b ? 2 * n : n }, (_, i) => i)), size = order.length >> 1;
  const part = (from: number): Coded[] => a.map(({ codes, levels }, j) => ({ levels, codes: Int32Array.from({ length: size }, (_, i) => { const r = order[from + i]; return r < n ? codes[r] : b![j].codes[r - n]; }) }));
  return [part(0), part(size)];
}

/** G-test of x and y within the strata of z (Agresti 2013, section 7.3.1): whether independence is refused. Strata add up; a stratum's degrees of freedom count its occupied levels. */
export function dependent(x: Coded, y: Coded, z: Coded): boolean {
  const joint = new Float64Array(z.levels * x.levels * y.levels), row = new Float64Array(z.levels * x.levels), column = new Float64Array(z.levels * y.levels), total = new Float64Array(z.levels);
  for (let i = 0; i < x.codes.length; i++) {
    const s = z.codes[i];
    joint[(s * x.levels + x.codes[i]) * y.levels + y.codes[i]]++; row[s * x.levels + x.codes[i]]++; column[s * y.levels + y.codes[i]]++; total[s]++;
  }
  let g = 0, df = 0;
  for (let s = 0; s < z.levels; s++) {
    let r = 0, c = 0;
    for (let a = 0; a < x.levels; a++) if (row[s * x.levels + a] > 0) r++;
    for (let b = 0; b < y.levels; b++) if (column[s * y.levels + b] > 0) c++;
    // Cochran's rule: strata with fewer than five rows a cell tell little and break the chi-square limit
    if (r < 2 || c < 2 || total[s] < 5 * r * c) continue;
    df += (r - 1) * (c - 1);
    for (let a = 0; a < x.levels; a++) for (let b = 0; b < y.levels; b++) {
      const o = joint[(s * x.levels + a) * y.levels + b];
      if (o > 0) g += 2 * o * Math.log((o * total[s]) / (row[s * x.levels + a] * column[s * y.levels + b]));
    }
  }
  return df > 0 && gammaQ(df / 2, g / 2) < level;
}

/** The mean of the shares of dependences and of independences that are met; of the one kind where the other is absent. */
function agreement(real: readonly boolean[], other: readonly boolean[]): number {
  const share = (of: boolean) => { let k = 0, met = 0; real.forEach((r, i) => { if (r === of) { k++; if (other[i] === of) met++; } }); return k ? met / k : Number.NaN; };
  const both = [share(true), share(false)].filter(s => s === s);
  return both.reduce((s, v) => s + v, 0) / both.length;
}
