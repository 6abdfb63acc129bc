/**
 * Purpose *fairness*: rows from the distribution nearest to the learnt one under which groups differ by no more than a declared gap.
 *
 * At data level the criterion holds in the table itself. At model level it holds for what a learner trained on the table decides about *real* rows that nothing saw, with the sensitive columns and their
 * proxies left as they are: reweighed base rates are sought under which that learner's gap on the real training rows is small enough, and the gap that is reported is measured on the control.
 */
import { UserError } from '../../errors';
import type { Figure, TargetRequest } from '../../protocol';
import { shuffledRows, Stream } from '../../random';
import type { Table } from '../../table/table';
import { drawWhere } from '../conditions/draw';
import { portion } from '../conditions/release';
import { effectiveSize, systematic } from '../conditions/resample';
import { samplingFigures } from '../figures';
import type { Purpose } from '../purpose';
import { cellsOf, type Cells } from './cells';
import { aucOf, decide, gapOf, learnerName, type Criterion, type Decision } from './gap';
import { ratesOf, wantedRates, weightsFor } from './weights';

type Request = Extract<TargetRequest, { purpose: 'fairness' }>;

/** Rows drawn for each that is written: weights then seldom ask for a row twice. */
const poolPerRow = 4;
/** Rows that the search trains and decides on, and its rounds. */
const searchRows = 8000, searchRounds = 12;

export const fairness: Purpose<Request> = {
  async prepare(request, { plan, source, parts, control }) {
    if (request.level === 'data' && request.criterion !== 'demographic_parity')
      throw new UserError(`${request.criterion === 'equal_opportunity' ? 'Equal opportunity' : 'Equalised odds'} is about decisions, and a table holds outcomes only.`, {}, 'Declare it at model level, or demographic parity at data level.', 'usage');
    const cells = cellsOf(parts.training, request), rows = plan.rows ?? source.rows, moved = new Map<string, { before: number; after: number; rows: number }>();
    return {
      releases: 1, proper: false,
      async draw(model, share, { seed, progress, breathe }) {
        const n = portion(rows, share), { table: pool, how } = await drawWhere(model, {}, poolPerRow * n, { seed, progress });
        const coded = cells.code(pool), rates = ratesOf(coded, cells), fold = parts.fits[share.fold]?.fold;
        const tune = fold ? parts.training.take(fold.training) : parts.training;
        // Sorted by cell: systematic choice then hits every cell's share within a row.
        const order = Int32Array.from({ length: pool.rows }, (_, i) => i).sort((a, b) => coded.group[a]! - coded.group[b]! || coded.stratum[a]! - coded.stratum[b]! || coded.favourable[a]! - coded.favourable[b]! || a - b);
        const choose = (wanted: Float64Array): Int32Array => systematic(weightsFor(coded, cells, rates, wanted), n, new Stream(seed, 'fair'), order);
        const wanted = request.level === 'data' ? leastMix(request, cells, coded, rates, choose, rows) : await search(request, cells, pool, rates, tune, fold ? parts.training.rows : control?.rows ?? 0, seed, breathe);
        const weights = weightsFor(coded, cells, rates, wanted), G = cells.groups.length, table = pool.take(choose(wanted)), after = ratesOf(cells.code(table), cells);
        for (let g = 0; g < G; g++) {
          // Counts, out of the smoothed rates: what is told of a base rate is to the row.
          const sum = (r: typeof rates): { good: number; n: number } => { let good = 0, all = 0; for (let s = 0; s < cells.strata; s++) { good += r.of[g * cells.strata + s]! * (r.rows[g * cells.strata + s]! + 1) - 0.5; all += r.rows[g * cells.strata + s]!; } return { good, n: all }; };
          const [b, a] = [sum(rates), sum(after)];
          if (share.fold === 0) moved.set(cells.groups[g]!, { before: b.good / b.n, after: a.good / a.n, rows: a.n });
        }
        return { table, facts: [{ name: 'Reweighed', rows: n, how: { ...how, method: 'rejection', proposals: pool.rows, effective: effectiveSize(weights) } }] };
      },
      async conclude({ synthetic, facts, folds }) {
        const out = samplingFigures(facts), figures: Figure[] = [], notes: string[] = [], { criterion, within, level } = request;
        const told = level === 'data' ? gapOf(criterion, cells.code(synthetic), cells, cells.code(synthetic).favourable) : undefined;
        if (level === 'data') figures.push({ metric: 'target.gap', value: told?.value ?? null, samples: { synthetic: synthetic.rows }, ...(told && { interval: { low: Math.max(0, told.low), high: told.high, level: 0.95, method: 'Newcombe, of the distribution that the rows are from; the value is counted' } }), verdict: told && told.value <= within ? 'good' : 'poor', detail: { declared: within, level, criterion }, note: `In the table itself${told && told.high <= within ? '; so many rows also show it of the distribution they are from (upper bound under the declared gap)' : ''}. A model trained on it may still differ between groups through columns that stand for the sensitive ones; declare the gap at model level to bound that.` });
        const judged = folds ?? (control && control.rows > 0 ? [{ synthetic, training: parts.training, control }] : []);
        if (level === 'model' && judged.length === 0) throw new UserError('A gap at model level is measured on real rows that nothing saw, and the table is too small to keep some.', {}, 'Give real rows with --holdout, or declare the gap at data level.');
        if (judged.length > 0) {
          const r = await judgeModels(request, cells, judged, plan.seed);
          if (level === 'model') {
            figures.push({
              metric: 'target.gap', value: r.fair?.value ?? null, samples: { holdout: r.rows, synthetic: synthetic.rows },
              ...(r.fair && { interval: { low: Math.max(0, r.fair.low), high: r.fair.high, level: 0.95, method: 'Newcombe, Bonferroni over pairs of groups' } }), ...(r.plain && { reference: { label: 'trained on real rows', value: r.plain.value } }),
              verdict: !r.fair ? 'not-assessable' : r.fair.high <= within ? 'good' : r.fair.value <= within ? 'undecided' : 'poor', detail: { declared: within, level, criterion, learner: learnerName },
              note: r.fair ? `${r.fair.high <= within ? 'Its upper bound is' : 'Its upper bound is not'} under the declared ${within}. Groups that differ most: ${cells.groups[r.fair.largest]!} and ${cells.groups[r.fair.smallest]!}.` : 'Fewer than two groups have enough real rows.',
            });
          }
          const kept = r.aucFair / r.aucReal;
          figures.push({ metric: 'target.utility', value: kept, samples: { holdout: r.rows }, verdict: kept >= (request.keepUtility ?? 0.95) ? 'good' : kept >= (request.keepUtility ?? 0.95) - 0.05 ? 'fair' : 'poor', detail: { declared: request.keepUtility ?? 0.95, fair: Number(r.aucFair.toFixed(4)), real: Number(r.aucReal.toFixed(4)) } });
        }
        for (const [name, m] of [...moved].slice(0, 20)) notes.push(`Base rate of ${request.outcome} = ${request.positive} in the group ${name}: ${percent(m.before)} as learnt, ${percent(m.after)} in the result.`);
        notes.push(`Groups were reweighed: rows are those of the learnt distribution, chosen so that outcomes have other frequencies within groups${request.permitted?.length ? ` and strata of ${request.permitted.join(', ')}` : ''}; nothing else was changed, and no cell overwritten.`);
        return { figures, notes: [...notes, ...out.notes] };
      },
    };
  },
};
const percent = (x: number): string => `${(100 * x).toFixed(1)}%`;

/**
 * Of the laws between the learnt one and parity, the one nearest to the learnt one whose table keeps the declared gap: as far as so many rows can show it by its upper bound too, else as counted. A step towards parity costs use,
 * and nobody asked for more of them.
 */
function leastMix(request: Request, cells: Cells, coded: ReturnType<Cells['code']>, rates: ReturnType<typeof ratesOf>, choose: (wanted: Float64Array) => Int32Array, rows: number): Float64Array {
  const at = (mix: number): { counted: number; upper: number } => {
    const chosen = choose(wantedRates(rates, cells, mix)), own = { group: chosen.map((i) => coded.group[i]!), stratum: chosen.map((i) => coded.stratum[i]!), favourable: Uint8Array.from(chosen, (i) => coded.favourable[i]!) };
    const gap = gapOf(request.criterion, own, cells, own.favourable);
    // A fold draws a part of the table: the whole table's bound is nearer to its gap. Rounding to rows may add a row in each of two groups.
    return gap ? { counted: gap.value + 2 / chosen.length, upper: gap.value + 2 / chosen.length + (gap.high - gap.value) * Math.sqrt(chosen.length / Math.max(chosen.length, rows)) } : { counted: 0, upper: 0 };
  };
  const end = at(1), of = (g: ReturnType<typeof at>): number => (end.upper <= request.within ? g.upper : g.counted);
  let low = 0, high = 1;
  if (of(at(0)) <= request.within) return wantedRates(rates, cells, 0);
  for (let k = 0; k < 12; k++) { const mid = (low + high) / 2; if (of(at(mid)) <= request.within) high = mid; else low = mid; }
  return wantedRates(rates, cells, high);
}

/**
 * Offsets a group under which the learner's gap on real training rows is so small that its upper bound on the control will most likely lie under the declared one; the least gap, where so few control rows cannot show that. No further: of
 * the laws that keep the bound, the one nearer to the learnt law is asked for, and every step away from it costs use. Each round moves a group's base rate by what its rate of decisions is off, on the logit scale. */
async function search(request: Request, cells: Cells, pool: Table, rates: ReturnType<typeof ratesOf>, training: Table, judged: number, seed: number, breathe: () => Promise<void>): Promise<Float64Array> {
  const some = (t: Table, name: string): Int32Array => shuffledRows(seed, name, t.rows).slice(0, searchRows);
  const learn = some(pool, 'learn'), tune = training.take(some(training, 'tune')), own = pool.take(learn), ownCoded = cells.code(own), real = cells.code(tune), G = cells.groups.length;
  const offset = new Float64Array(G);
  let best = wantedRates(rates, cells, 0), least = Infinity, target: number[] | undefined;
  for (let round = 0; round < searchRounds; round++) {
    const wanted = wantedRates(rates, cells, 0, offset), [d] = await decide(own, ownCoded.favourable, [tune], request.outcome, { seed, rounds: 60, weights: weightsFor(ownCoded, cells, rates, wanted), progress: breathe });
    const gap = gapOf(request.criterion, real, cells, d!.decided);
    if (gap && gap.value < least) { least = gap.value; best = wanted; }
    if (!gap || gap.value < Math.max(Math.min(0.1 * request.within, 0.004), request.within - margin(gap, tune.rows, judged))) break;
    const now = groupRates(request.criterion, real, G, d!), middle = now.map((kind) => kind.all);
    target ??= middle;
    for (let g = 0; g < G; g++) {
      // Equalised odds has two rates and one offset a group: their mean error is what it can mend.
      const error = now.reduce((s, kind, k) => s + odds(target![k]!) - odds(kind.of[g]!), 0) / now.length;
      offset[g] = Math.max(-5, Math.min(5, offset[g]! + (round < 3 ? 0.8 : 0.5) * Math.max(-1.5, Math.min(1.5, error))));
    }
    await breathe();
  }
  return best;
}
/** What a gap seen on `seen` rows must stay below the bound by: the half-width of its interval on `judged` rows, and what both samples may differ by (nine times in ten). */
function margin(gap: { value: number; high: number }, seen: number, judged: number): number {
  const own = (gap.high - gap.value) / 1.96, other = own * Math.sqrt(seen / Math.max(1, judged));
  return 1.96 * other + 1.28 * Math.hypot(own, other);
}
const odds = (p: number): number => { const q = Math.min(0.995, Math.max(0.005, p)); return Math.log(q / (1 - q)); };

/** Rates of decisions by group, of each kind that the criterion compares, and over all groups. */
function groupRates(criterion: Criterion, { group, favourable }: ReturnType<Cells['code']>, G: number, { decided }: Decision): Array<{ of: number[]; all: number }> {
  const kind = (counts: (i: number) => boolean): { of: number[]; all: number } => {
    const k = new Float64Array(G), n = new Float64Array(G);
    group.forEach((g, i) => { if (g >= 0 && counts(i)) { n[g]!++; if (decided[i]) k[g]!++; } });
    return { of: Array.from(k, (v, g) => (v + 0.5) / (n[g]! + 1)), all: (k.reduce((a, b) => a + b, 0) + 0.5) / (n.reduce((a, b) => a + b, 0) + 1) };
  };
  const good = (i: number): boolean => favourable[i] === 1;
  return criterion === 'demographic_parity' ? [kind(() => true)] : criterion === 'equal_opportunity' ? [kind(good)] : [kind(good), kind((i) => !good(i))];
}

/** The learner trained on the result and on as many real rows, each deciding about control rows; with folds, every row is decided about by the models that did not see it. */
export async function judgeModels(request: Pick<Request, 'outcome' | 'criterion'>, cells: Cells, judged: ReadonlyArray<{ synthetic: Table; training: Table; control: Table }>, seed: number): Promise<{ fair: ReturnType<typeof gapOf>; plain: ReturnType<typeof gapOf>; aucFair: number; aucReal: number; rows: number }> {
  const all = { group: [] as number[], stratum: [] as number[], favourable: [] as number[], fair: [] as number[], real: [] as number[], decidedFair: [] as number[], decidedReal: [] as number[] };
  for (const { synthetic, training, control } of judged) {
    const coded = cells.code(control), [f] = await decide(synthetic, cells.code(synthetic).favourable, [control], request.outcome, { seed }), [r] = await decide(training, cells.code(training).favourable, [control], request.outcome, { seed });
    for (let i = 0; i < control.rows; i++) {
      all.group.push(coded.group[i]!); all.stratum.push(coded.stratum[i]!); all.favourable.push(coded.favourable[i]!);
      all.fair.push(f!.probability[i]!); all.decidedFair.push(f!.decided[i]!); all.real.push(r!.probability[i]!); all.decidedReal.push(r!.decided[i]!);
    }
  }
  const coded = { group: Int32Array.from(all.group), stratum: Int32Array.from(all.stratum), favourable: Uint8Array.from(all.favourable) };
  const decision = (p: number[], d: number[]): Decision => ({ probability: Float64Array.from(p), decided: Uint8Array.from(d) }), fair = decision(all.fair, all.decidedFair), real = decision(all.real, all.decidedReal);
  return { fair: gapOf(request.criterion, coded, cells, fair.decided), plain: gapOf(request.criterion, coded, cells, real.decided), aucFair: aucOf(coded, fair), aucReal: aucOf(coded, real), rows: coded.group.length };
}
