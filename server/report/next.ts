import type { NextStep, ReportData, Verdict } from '../protocol';
import { decimal, percent } from './words';

type Facts = Pick<ReportData, 'verdicts' | 'figures' | 'columns' | 'outcome' | 'control' | 'source' | 'synthetic' | 'training' | 'run' | 'privacyProof'>;

/**
 * What to do about a result, most pressing first; at most four steps. Each says why, and how: as a command of the editor, and as a line for a terminal.
 * They rest on the verdicts alone, so that the same result always leads to the same advice.
 */
export function nextSteps(r: Facts): NextStep[] {
  const of = (family: string): Verdict | undefined => r.verdicts.find(v => v.family === family)?.verdict;
  const fidelity = of('fidelity'), utility = of('utility'), privacy = of('privacy');
  const source = quote(r.source.path), made = quote(r.synthetic.path), proven = r.privacyProof !== undefined;
  // Under a budget another run is another release: no line that would make one without saying so, or without the budget.
  const again = (flags: string, other = false) => (r.run && !proven ? `understudy synthesize ${source} ${[!other && kept, flags].filter(Boolean).join(' ')}`.trim() : undefined);
  /** The generator that was chosen instead of the recommended one is kept by what is advised; one that learns at once gains nothing from time. */
  const chosen = r.run && r.run.generator !== recommended && /^[a-z][a-z0-9-]*$/.test(r.run.generator) ? r.run.generator : undefined, kept = chosen && `--generator ${chosen}`, atOnce = chosen !== undefined && !r.training?.steps.length;
  const turned = r.training?.stoppedAt !== undefined && r.training.stoppedAt < 0.9 * Math.max(0, ...r.training.validationSteps);
  /** More time would be learnt by heart where the validation loss had turned, and makes a leak worse. */
  const longer = !turned && privacy !== 'poor' && !proven && !atOnce;
  // rows that resemble each other: only a control can tell how faithful the table is
  const alike = r.figures.some(f => f.metric.startsWith('fidelity.') && f.detail?.rowsAlike !== undefined);
  const ranked: Array<{ weight: number; step: NextStep }> = [];
  /** Smaller weights first: what must not be done, what is wrong, what is not known, what may be wrong. */
  const add = (weight: number, step: NextStep) => ranked.push({ weight, step });
  const synthesize = { id: 'synthesize', title: r.run ? 'Synthesize Again...' : 'Synthesize...' } as const, judge = { id: 'evaluate', title: 'Evaluate Against...' } as const;
  const terminal = (line: string | undefined) => (line ? { terminal: line } : {});

  if (privacy === 'poor') add(0, {
    title: 'Do not share this table', why: 'Rows of real people can be found in it. Fit again for a shorter time, or leave out the columns that single people out; then look at privacy once more.',
    command: synthesize, ...terminal(again('--budget 20s')),
  });
  if (privacy === 'fair') add(1, { title: 'Share it only with people who may see the real table', why: 'One of the privacy checks found more than chance explains. Open "Why" on the privacy card to see which.', ...terminal(again('--budget 20s')) });
  if (privacy === 'not-assessable' && !proven) add(4, {
    title: 'Give real rows that the generator never saw', why: `Without them nothing can be said about privacy${fidelity !== 'undecided' ? ', and fidelity is judged too kindly' : alike ? ', and fidelity stays undecided' : ''}.`,
    command: judge, terminal: `understudy evaluate ${source} ${made} --holdout HOLDOUT.csv`,
  });
  if (privacy === 'undecided' && !proven) add(5, {
    title: 'Treat it as if it were real, until more rows can tell', why: `No leak was seen, but there are too few rows to rule one out${r.control ? ` (${r.control.rows.toLocaleString('en')} control rows)` : ''}. A larger holdout sharpens the test.`,
    command: judge, terminal: `understudy evaluate ${source} ${made} --holdout HOLDOUT.csv`,
  });
  const worst = r.columns.filter(c => c.verdict === 'poor' || c.verdict === 'fair');
  if (fidelity === 'poor' || fidelity === 'fair') {
    const test = r.figures.find(f => f.metric === 'fidelity.two-sample');
    const names = worst.slice(0, 3).map(c => `"${c.name}"`).join(', ');
    add(fidelity === 'poor' ? 2 : 6, {
      title: worst.length ? `Look at ${worst.length === 1 ? 'the column that falls' : `the ${worst.length} columns that fall`} short` : 'Look at the worst pairs of columns',
      why: `${worst.length ? `Worst: ${names}. ` : 'Single columns are fine; what goes missing is how they depend on each other. '}${proven ? dearer : atOnce ? `The generator ${chosen} has no more to learn; the recommended one may keep more.` : turned ? 'More time will not help: the validation loss had turned.' : test?.value != null && test.value > 0.55 ? `A classifier still tells the tables apart (AUC ${decimal(test.value)}); ${longer ? 'more fitting time or ' : ''}another kind for these columns may help.` : 'Another kind for these columns may help.'}`,
      command: synthesize,
      ...terminal(atOnce ? again('', true) : worst.length || longer ? again([longer ? '--budget 5m' : '', worst.length ? `--column ${quote(`${worst[0].name}=KIND`)}` : ''].filter(Boolean).join(' ')) : undefined),
    });
  }
  // without a control the step above says what would decide it
  if ((fidelity === 'undecided' && (!alike || privacy !== 'not-assessable' || proven)) || fidelity === 'not-assessable') add(4, { title: 'Compare it over more rows', why: fidelity === 'undecided' ? 'The rows cannot tell: the figures reach from what would be good to what would not. More rows to compare with sharpen them.' : 'There is too little to compare: nothing can be said yet about how faithful the table is.', command: judge, terminal: `understudy evaluate ${source} ${made}` });
  if (utility === 'undecided') add(5, { title: 'Do not rely on models trained on it yet', why: 'There are too few real rows to tell whether such models do as well as models trained on real rows. A larger holdout can tell.', command: judge, terminal: `understudy evaluate ${source} ${made} --holdout HOLDOUT.csv` });
  if (utility === 'not-assessable') add(7, { title: 'Say which column matters', why: 'With an outcome to predict, the report can tell whether models trained on this table work on real rows.', command: synthesize, ...terminal(r.run ? again('--outcome COLUMN') : `understudy evaluate ${source} ${made} --outcome COLUMN`) });
  if (utility === 'poor' || utility === 'fair') {
    const short = r.figures.find(f => f.metric === 'utility.tstr')?.detail?.shortfall;
    add(utility === 'poor' ? 3 : 6, { title: 'Do not train final models on it yet', why: `Models trained on it do worse on real rows${typeof short === 'number' ? ` by ${decimal(short)}` : ''} than models trained on real ones. ${proven && fidelity !== 'poor' && fidelity !== 'fair' ? dearer : `${atOnce ? 'Try the recommended generator, or use' : longer ? 'Fit for longer, or use' : 'Use'} it for code and tests only.`}`, ...((longer || atOnce) && { command: synthesize, ...terminal(atOnce ? again('', true) : again('--budget 5m')) }) });
  }
  if (r.outcome?.guessed && utility !== 'not-assessable') add(8, { title: `Check the outcome "${r.outcome.column}"`, why: 'It was guessed from the columns. If the table is for predicting another one, name it.', command: r.run ? synthesize : judge, ...terminal(r.run ? again('--outcome COLUMN') : `understudy evaluate ${source} ${made} --outcome COLUMN`) });
  if (proven) add(privacy === 'poor' || privacy === 'fair' ? 9 : 4, { title: 'Pass on the table with its publishable report', why: 'The guarantee covers both, whoever has them and whatever else they know. This report is not covered: it compares with the real table.' });
  const steps = ranked.sort((a, b) => a.weight - b.weight).map(x => x.step);
  if ([fidelity, utility, privacy].every(v => v === 'good') && r.verdicts.every(v => v.verdict !== 'poor')) {
    const copies = r.figures.find(f => f.metric === 'privacy.near-copies')?.detail?.excessUpper95;
    steps.unshift({ title: 'Use it', why: `All three verdicts are good${typeof copies === 'number' ? `: at most ${percent(Math.max(0, copies))} of its rows copy real ones beyond chance` : ''}. ${proven ? '' : 'The table can be passed on. This report is for those who may see the real one: it holds no rows, but the real columns\' ends, frequent values and shares. A report to publish comes with a privacy budget (--epsilon).'}`.trim(), command: { id: 'openSynthetic', title: 'Open the Synthetic Table' }, ...terminal(again('--rows 100000')) });
  }
  return steps.slice(0, 4);
}

/** The first of the registry, which this file, being part of every page, does not load. */
export const recommended = 'autoregressive';

/** What a noisy table is improved by, and what that costs. */
const dearer = 'Noise is the price of the guarantee. What helps: a larger epsilon, ends and values declared public, fewer columns, more rows. Each further run is a release of its own, charged to the table\'s ledger.';

/** A path or word as a shell takes it; a report that travels has names without folders. */
const quote = (text: string): string => (/^[\w./\\:=-]+$/.test(text) ? text : `"${text.replace(/(["\\$`])/g, '\\$1')}"`);
