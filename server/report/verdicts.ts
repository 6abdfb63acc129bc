import { metricInfo } from '../evaluation/registry';
import type { Figure, MetricFamily, ReportData, Verdict } from '../protocol';
import { familyLabel, familyOf, familySentence, verdictWord } from './families';
import { count, decimal, percent, range } from './words';

type Sentence = ReportData['verdicts'][number];
type Figures = Map<string, Figure>;

/**
 * The sentences a reader sees first, with the figures they rest on: fidelity, utility and privacy as far as they were asked for, then each further family that has
 * a figure.
 */
export function verdicts(figures: readonly Figure[], outcome?: { column: string; guessed: boolean }): Sentence[] {
  const by: Figures = new Map(figures.map(f => [f.metric, f]));
  const asked = (family: MetricFamily) => figures.length === 0 || figures.some(f => familyOf(f) === family);
  return [
    ...(asked('fidelity') ? [fidelity(by)] : []), ...(asked('utility') ? [utility(by, outcome)] : []), ...(asked('privacy') ? [privacy(by)] : []),
    ...(['structure', 'fairness', 'time-series', 'collapse'] as const).flatMap(family => familySentence(family, figures, make) ?? []),
  ];
}

const order: Verdict[] = ['poor', 'fair', 'undecided', 'not-assessable', 'good'];
const worst = (all: Verdict[]): Verdict => order.find(v => all.includes(v)) ?? 'not-assessable';
const make = (family: MetricFamily, verdict: Verdict, text: string, reasons: string[]): Sentence => ({ family, verdict, sentence: `${familyLabel[family]}: ${verdictWord[verdict]}. ${text}`, reasons });
const interval = (f: Figure) => (f.interval ? ` (${range(f.interval.low, f.interval.high)})` : '');

/** The worst of classifier, shapes and pair trends: each finds what the others miss. */
function fidelity(by: Figures): Sentence {
  const test = by.get('fidelity.two-sample'), shapes = by.get('fidelity.shapes'), strong = by.get('fidelity.pair-trends'), pairs = strong?.value == null ? by.get('fidelity.pair-trends-all') : strong;
  const used = [test, shapes, pairs].filter((f): f is Figure => f !== undefined && f.value !== null);
  if (used.length === 0) return make('fidelity', 'not-assessable', 'There is nothing to compare.', []);
  const few = used.find(f => f.verdict === 'not-assessable' && f.note);
  if (few && used.every(f => f.verdict === 'not-assessable')) return make('fidelity', 'not-assessable', few.note!, []);
  const reasons: string[] = [];
  const against = test?.samples.control !== undefined ? 'real' : 'training';
  const classifier = test?.value != null && test.value < 0.5 && test.verdict === 'undecided' ? 'A classifier cannot tell: rows of one table nearly repeat rows of the other, and it takes one for the other.' : test?.value != null
    ? `A boosted-tree classifier tells synthetic from ${against} rows with AUC ${decimal(test.value)}${interval(test)}; 0.500 would be indistinguishable.`
    : 'There are too few rows for a classifier to judge.';
  if (test?.reference) reasons.push(`Real rows against real rows get ${decimal(test.reference.value)} in the same test.`);
  const beside = (f: Figure) => (f.reference ? `; the control scores ${decimal(f.reference.value)}` : '');
  if (test?.note && test.reference) reasons.push(test.note);
  if (shapes?.value != null) reasons.push(`Column shapes ${decimal(shapes.value)}${beside(shapes)}.`);
  if (pairs?.value != null) reasons.push(`Pair trends ${decimal(pairs.value)}${pairs === strong ? '' : ' over all pairs'}${beside(pairs)}.`);
  if (test && test.samples.control === undefined) reasons.push('Judged against the training rows themselves, for want of a control: a table that repeats its training rows looks perfect here.');
  const all = worst([...used, ...(test ? [test] : [])].map(f => f.verdict)), chance = byChance(used), verdict = chance ? 'undecided' : all;
  if (chance) reasons.push(`${chance}: of ${used.length} tests one finds as much in more than one of twenty fresh real tables.`);
  // The sentence names what the verdict rests on: "poor" beside a classifier that cannot tell the tables apart would explain nothing.
  const culprit = [shapes, pairs].find(f => f?.verdict === verdict);
  const blame = verdict === 'good' || test?.verdict === verdict || culprit?.value == null ? ''
    : ` What lowers the verdict: ${culprit === shapes ? 'column shapes' : 'pair trends'}, ${decimal(culprit.value)}${culprit.reference ? ` (the control scores ${decimal(culprit.reference.value)})` : ''}.`;
  // Undecided with an AUC far from chance needs its reason beside it; the note of a small table's test says no more than the interval.
  const undone = verdict === 'undecided' ? used.find(f => f.verdict === 'undecided' && f.detail?.rowsAlike !== undefined && f.note) : undefined, open = undone ? ` ${undone.note}` : '';
  return make('fidelity', verdict, classifier + blame + open, reasons);
}

/**
 * Several tests are asked, and each accuses one fresh table in twenty: the sentence would accuse one in eight. What accuses must then stand Bonferroni's correction, one in twenty for all of them.
 * @returns the least p of the accusing tests, in words, where that is more; undefined where it is not, or they have none
 */
function byChance(used: readonly Figure[]): string | undefined {
  const accusing = used.filter(f => f.verdict === 'fair' || f.verdict === 'poor'), least = Math.min(...accusing.map(f => Number(f.detail?.pEqual ?? 0)));
  return accusing.length > 0 && least >= 0.05 / used.length ? `What differs may be chance (p = ${least.toFixed(2)})` : undefined;
}

function utility(by: Figures, outcome?: { column: string; guessed: boolean }): Sentence {
  const f = by.get('utility.tstr');
  if (!f || f.value === null) return make('utility', f?.verdict ?? 'not-assessable', f?.note ?? 'No outcome was chosen.', []);
  const name = String(f.detail?.outcome ?? outcome?.column), score = String(f.detail?.score ?? 'AUC'), { shortfall, shortfallLow, shortfallHigh } = f.detail as Record<string, number>;
  const reasons = [`The shortfall is ${decimal(shortfall)} (${decimal(shortfallLow)} to ${decimal(shortfallHigh)}), over ${count(f.samples.control)} control rows.`];
  if (outcome?.guessed) reasons.push(`The outcome "${name}" was guessed; choose another if it is not what the table is for.`);
  if (f.note) reasons.push(f.note);
  return make('utility', f.verdict, `Boosted trees trained on synthetic rows predict "${name}" for real rows with ${score} ${decimal(f.value)}; trained on real rows, ${decimal(f.reference!.value)}.`, reasons);
}

const drivers = ['privacy.near-copies', 'privacy.exact-copies', 'privacy.membership-auc', 'privacy.membership-tpr-1', 'privacy.membership-tpr-0.1', 'privacy.membership-outliers'];
/** Of the privacy suite: where they were computed they may accuse, but none is needed. */
const attacks = ['privacy.identifiers', 'privacy.domias', 'privacy.exposure', 'privacy.identifiability', 'privacy.singling-out-univariate', 'privacy.singling-out-multivariate', 'privacy.linkability', 'privacy.inference', 'privacy.attribute-inference'];
/** Without these two nothing is good; the others may be undecided in tables that are large enough for these. */
const required = ['privacy.near-copies', 'privacy.membership-auc'];

/**
 * Copies and membership decide; distances never do. One accusation is enough, since each test misses leaks that another sees; good needs the required tests to be good
 * and no other to accuse; anything else is undecided.
 */
function privacy(by: Figures): Sentence {
  const used = [...drivers, ...attacks].map(id => by.get(id)).filter((f): f is Figure => f !== undefined);
  // identifiers can accuse without a control, never acquit
  if (used.every(f => f.verdict === 'not-assessable' || (f.metric === 'privacy.identifiers' && f.verdict !== 'poor' && f.verdict !== 'fair')))
    return make('privacy', 'not-assessable', `${used[0]?.note ?? 'Without real rows that the generator never saw, nothing can be said about privacy.'}${equalRows(by)}`, ['Keep a control back (--holdout), or let Understudy do it, to have privacy judged.']);
  const accused = used.filter(f => f.verdict === 'poor' || f.verdict === 'fair'), reasons = [...used.filter(f => f.value !== null).map(reason), ...ofTheModel(by)];
  const open = used.filter(f => f.verdict === 'undecided' || f.verdict === 'not-assessable');
  if (accused.length) {
    const first = accused.find(f => f.verdict === 'poor') ?? accused[0];
    return make('privacy', first.verdict === 'poor' ? 'poor' : 'fair', accusation(first), reasons);
  }
  if (required.every(id => by.get(id)?.verdict === 'good')) {
    const copies = by.get('privacy.near-copies')!, attack = by.get('privacy.membership-auc')!;
    if (open.length) reasons.push(`Left undecided: ${open.length === 1 ? 'one test' : `${open.length} tests`} for which the rows looked at are too few.`);
    return make('privacy', 'good', `The synthetic table shows no more of the people it was made from than of others: copies beyond chance are at most ${percent(Math.max(0, Number(copies.detail!.excessUpper95)))} of its rows, and a membership attack reaches at most AUC ${decimal(Number(attack.detail!.upper95))} (one-sided 95% bounds).`, reasons);
  }
  const blind = by.get('privacy.near-copies')?.detail?.smallestDetectable;
  // more copies than the control's, but no more than chance may deal in tables of this size
  const more = [by.get('privacy.exact-copies'), by.get('privacy.near-copies')].find(f => f?.verdict === 'undecided' && Number(f.detail?.excess) > 0.01);
  if (more) return make('privacy', 'undecided', `${percent(more.value!)} of the synthetic rows ${more.metric === 'privacy.exact-copies' ? 'repeat' : 'nearly repeat'} training rows, more than the control explains, but in tables this small that may be chance.`, reasons);
  // copies are sought among all rows; a large table may leave open only what the attack, on a sample or within its interval, cannot tell
  const attack = by.get('privacy.membership-auc'), upper = Number(attack?.detail?.upper95);
  if (by.get('privacy.near-copies')?.verdict === 'good' && attack?.verdict === 'undecided' && upper > metricInfo(attack.metric)!.threshold!.good)
    return make('privacy', 'undecided', `No leak was seen, and copies beyond chance are ruled out; but a membership attack may reach AUC ${decimal(upper)} (one-sided 95% bound), more than can be called good.`, reasons);
  return make('privacy', 'undecided', `No leak was seen, but the tables are too small to rule one out${typeof blind === 'number' && blind < 1 ? `: copies of fewer than about ${percent(blind)} of the rows would have gone unnoticed` : ''}.`, reasons);
}

/** What only whoever holds the fitted model can tell: no part of the verdict on the rows, and said where it would accuse, since a figure called poor beside another verdict reads as a contradiction. */
function ofTheModel(by: Figures): string[] {
  const f = by.get('privacy.likelihood');
  return f?.value != null && (f.verdict === 'poor' || f.verdict === 'fair')
    ? [`Not counted, since the rows do not show it: if the model itself were given away, it would betray who was learnt (membership by its likelihood, AUC ${decimal(f.value)}, ${verdictWord[f.verdict]}). Keep it as you keep the real table.`] : [];
}

/** What is seen without a control too: not how much of it is chance, but that it is there. */
function equalRows(by: Figures): string {
  const f = by.get('privacy.exact-copies');
  return f?.value && f.verdict === 'not-assessable' ? ` ${percent(f.value)} of the synthetic rows equal a training row; how many would by chance, only such rows can tell.` : '';
}

function accusation(f: Figure): string {
  const d = f.detail as Record<string, number>;
  switch (f.metric) {
    case 'privacy.near-copies': case 'privacy.exact-copies':
      return `About ${percent(d.excess)} of the synthetic rows ${f.metric === 'privacy.exact-copies' ? 'repeat' : 'nearly repeat'} training rows beyond what unrelated people have in common.`;
    case 'privacy.identifiers': return `"${f.detail!.column}" holds real values: ${percent(f.value!)} of its synthetic cells are written as some real one is${f.reference!.value > 0 ? ` (${percent(f.reference!.value)} would be by chance)` : ''}.`;
    case 'privacy.membership-auc': return `Training rows lie nearer to the synthetic table than other real rows do: AUC ${decimal(f.value!)}${interval(f)}, where 0.500 would betray nobody.`;
    case 'privacy.domias': return `Training rows lie where the synthetic table is denser than the population explains: AUC ${decimal(f.value!)}${interval(f)}, where 0.500 would betray nobody.`;
    case 'privacy.exposure': return `The synthetic table is denser around the people it was made from than around others, by ${decimal(f.value!)} nats on average.`;
    case 'privacy.identifiability': return `Synthetic rows come nearer than any other person to ${percent(f.value!)} of the training rows, and to ${percent(f.reference!.value)} of other people.`;
    case 'privacy.singling-out-univariate': case 'privacy.singling-out-multivariate': return `Conditions read off the synthetic table single out one training row in ${percent(f.value!)} of cases, one of other people in ${percent(f.reference!.value)}.`;
    case 'privacy.linkability': return `Two halves of a person can be linked for ${percent(f.value!)} of the training people, for ${percent(f.reference!.value)} of others.`;
    case 'privacy.inference': case 'privacy.attribute-inference': return `A secret is guessed rightly for ${percent(f.value!)} of the training people, for ${percent(f.reference!.value)} of others.`;
    case 'privacy.membership-outliers': return `The most unusual training rows can be recognised: a membership attack reaches AUC ${decimal(f.value!)}${interval(f)} on them.`;
    default: return `An attacker recognises ${percent(f.value!)} of the training rows while accusing ${percent(f.reference!.value)} of other people wrongly.`;
  }
}

function reason(f: Figure): string {
  const d = (f.detail ?? {}) as Record<string, number>, unclear = f.verdict === 'undecided' ? ' Undecided.' : '';
  switch (f.metric) {
    case 'privacy.near-copies': case 'privacy.exact-copies':
      return `${f.metric === 'privacy.exact-copies' ? 'Exact' : 'Near'} copies of training rows: ${percent(f.value!)} of the synthetic rows${f.reference ? `, ${percent(f.reference.value)} of the control rows` : ''}${d.excess !== undefined ? `; excess of training over control rows copied ${percent(d.excess)}, at most ${percent(Math.max(0, d.excessUpper95))}` : ''}.${unclear}`;
    case 'privacy.identifiers': return `Real values in "${f.detail!.column}": ${percent(f.value!)} of the synthetic cells, ${percent(f.reference!.value)} by chance.${unclear}`;
    case 'privacy.membership-auc': return `Membership attack: AUC ${decimal(f.value!)}, at most ${decimal(d.upper95)}.${unclear}`;
    case 'privacy.domias': return `Membership by density: AUC ${decimal(f.value!)}, at most ${decimal(d.upper95)}.${unclear}`;
    case 'privacy.exposure': return `Exposure: ${decimal(f.value!)} nats, at most ${decimal(d.excessUpper95)}.${unclear}`;
    case 'privacy.identifiability': case 'privacy.singling-out-univariate': case 'privacy.singling-out-multivariate': case 'privacy.linkability': case 'privacy.inference': case 'privacy.attribute-inference':
      return `${metricInfo(f.metric)?.name}: ${percent(f.value!)} of cases, ${percent(f.reference?.value ?? 0)} for people never learnt; excess at most ${percent(Math.max(0, d.excessUpper95))}.${unclear}`;
    case 'privacy.membership-outliers': return `Membership attack on the 1% most outlying rows: AUC ${decimal(f.value!)}, at most ${decimal(d.upper95)}.${unclear}`;
    default: return `Members found at ${percent(f.reference!.value)} false positives: ${percent(f.value!)}, at most ${percent(f.reference!.value + d.excessUpper95)}.${unclear}`;
  }
}
