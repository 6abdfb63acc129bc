import { fitBoosting } from '../../learners/boosting';
import { encodeTarget, type FeatureMatrix } from '../../learners/features';
import { featuresOf, sampleRows, takeRows, without } from '../features';
import type { EvaluationContext, Fold, Metric } from '../metric';
import { attackFigure, residualRisk } from './attack-figure';
import { clustersAt, clustersOf, type Clusters } from './clusters';
import { cross } from './cross';
import { crossedExcess, meanExcess, type Excess } from './excess';
import { entropy } from './identifiability';
import { noControl, notAssessable } from './leak';

const id = 'privacy.attribute-inference', mostRows = 25_000, mostAsked = 20_000, mostClasses = 50, fewest = 20;

/**
 * Attribute inference (Yeom et al. 2018; Stadler et al. 2022, section 5): an attacker trains boosted trees, with leaves of as little as two rows, on the synthetic table
 * to predict a secret from all other columns, and applies them to people. Estimand: the share of people whose secret is predicted rightly, of training people beside control
 * people: what trees learn of the population serves against both alike, and is no leak. The baseline says the synthetic table's commonest value.
 *
 * Secrets are the declared sensitive columns and the outcome, where they are categories; else the three categories with most entropy. At most 25,000 synthetic
 * rows, 20,000 people of each side; a person's guesses over the secrets are averaged before.
 */
export const metric: Metric = {
  async compute(context) {
    const g = await guessed(context);
    if (typeof g === 'string') return context.control ? notAssessable(id, g) : noControl(id);
    return figure(meanExcess(g.training, g.control, clustersAt(await clustersOf(context), g.rows)), [g], { training: g.training.length, control: g.control.length, synthetic: g.synthetic });
  },
  async cross(_, folds) {
    const all: Guessed[] = [];
    let why: string | undefined;
    const scores = await cross(folds, async (f: Fold) => {
      const g = await guessed(f.context, true);
      if (typeof g === 'string') { why = g; return { training: [], control: [] }; }
      all.push(g);
      return g;
    });
    if (why !== undefined) return notAssessable(id, why);
    return figure(crossedExcess(scores), all, { control: scores.fold.length, folds: folds.length, synthetic: all.reduce((s, g) => s + g.synthetic, 0) });
  },
};

/** Of each person the share of secrets guessed; `commonest` the share of training people's that the commonest value would. */
interface Guessed { training: Float64Array; control: Float64Array; /** who they are */ rows: Clusters; commonest: number; synthetic: number; secrets: string[] }

async function guessed(context: EvaluationContext, everybody = false): Promise<Guessed | string> {
  if (!context.control || context.control.rows < 2 || context.training.rows < 2) return 'Without real rows that the generator never saw, nothing can be said about privacy.';
  const f = await featuresOf(context), secrets = secretsOf(context, f.training);
  if (!secrets.length || f.training.features.length < 2) return 'There is no category among the columns that could be a secret, or nothing to infer it from.';
  const ask = (part: 'training' | 'control') => (everybody ? Int32Array.from({ length: context[part]!.rows }, (_, i) => i) : sampleRows(context[part]!.rows, mostAsked, context.seed, `asked for secrets ${part}`).slice().sort());
  const rows = { training: ask('training'), control: ask('control') }, share = { training: new Float64Array(rows.training.length), control: new Float64Array(rows.control.length) };
  let commonest = 0, used = 0;
  for (const [s, secret] of secrets.entries()) {
    const { targets: [training, synthetic, control], labels } = encodeTarget([context.training, context.synthetic, context.control], secret, 'classification');
    const known = Array.from(synthetic.keys()).filter(i => Number.isFinite(synthetic[i])), learnt = sampleRows(known.length, mostRows, context.seed, `learnt for ${secret}`).map(i => known[i]);
    const guess = await guesser(without(takeRows(f.synthetic, learnt), secret), Float64Array.from(learnt, r => synthetic[r]), labels.length, context, fraction => context.progress((s + fraction) / secrets.length, `inferring ${secret}`));
    used = Math.max(used, learnt.length);
    for (const [part, truth] of [['training', training], ['control', control]] as const) {
      const said = guess.of(without(takeRows(f[part]!, rows[part]), secret));
      // a person whose secret is missing has none to lose: guessed wrongly on both sides
      rows[part].forEach((r, i) => { share[part][i] += Number(said[i] === truth[r]) / secrets.length; });
      if (part === 'training') commonest += rows.training.reduce((n, r) => n + Number(truth[r] === guess.commonest), 0) / rows.training.length / secrets.length;
    }
  }
  return { ...share, rows, commonest, synthetic: used, secrets };
}

async function guesser(x: FeatureMatrix, y: Float64Array, classes: number, context: EvaluationContext, progress: (f: number) => Promise<void>): Promise<{ commonest: number; of(x: FeatureMatrix): Float64Array }> {
  const counts = new Float64Array(Math.max(1, classes));
  for (const v of y) counts[v]++;
  const commonest = counts.indexOf(Math.max(...counts)), present = counts.filter(c => c > 0).length;
  if (present < 2 || y.length < fewest) return { commonest, of: m => new Float64Array(m.rows).fill(commonest) };
  const model = await fitBoosting(x, y, { task: classes === 2 ? 'binary' : 'multiclass', classes, seed: context.seed, iterations: classes > 2 ? 30 : 60, learningRate: 0.2, maxLeafNodes: 63, minSamplesLeaf: 2, earlyStopping: false, progress });
  return {
    commonest,
    of(m) {
      const p = model.probabilities(m);
      if (classes === 2) return p.map(v => Number(v > 0.5));
      return Float64Array.from({ length: m.rows }, (_, i) => { const row = p.subarray(i * classes, (i + 1) * classes); return row.indexOf(Math.max(...row)); });
    },
  };
}

/** Declared ones first; else the categories that say most about a person. */
function secretsOf(context: EvaluationContext, { features }: FeatureMatrix): string[] {
  const able = features.filter(f => f.kind === 'category' && f.categories >= 2 && f.categories <= mostClasses), declared = [...(context.sensitive ?? []), ...(context.outcome ? [context.outcome.column] : [])];
  const named = able.filter(f => declared.includes(f.name));
  return (named.length ? named : able.map(f => ({ f, h: entropy(f.values) })).sort((a, b) => b.h - a.h).slice(0, 3).map(e => e.f)).map(f => f.name);
}

function figure(e: Excess, all: readonly Guessed[], samples: Record<string, number>) {
  const half = (e.upper - e.estimate) * (1.959963984540054 / 1.6448536269514722), n = e.members, commonest = all.reduce((s, g) => s + g.commonest, 0) / all.length;
  return attackFigure(id, e, { value: e.member, interval: { low: Math.max(0, e.member - half), high: Math.min(1, e.member + half), level: 0.95, method: 'means over people' } }, { value: e.other, interval: [Math.max(0, e.other - half), Math.min(1, e.other + half)] },
    { successes: commonest * n, tried: n }, samples, { risk: residualRisk(e.member * n, n, e.other * e.others, e.others).risk, secrets: all[0].secrets.join(', ') });
}
