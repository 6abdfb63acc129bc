import { factsOf } from './kinds/facts';
import { nameWords } from './kinds/words';
import { modelledKinds, type Column, type Table } from './table';

/** The column a model of this table would predict. */
export interface GuessedOutcome { column: string; guessed: true; why: string }

const set = (text: string) => new Set(text.split(/\s+/));
/** The whole name says it: y, income, class ... */
const wholeNames = set('y target class label outcome income response result output survived survival churn exited default fraud diagnosis species quality salary price medv credit_risk risk deposit attrition clicked converted readmitted num target_variable decision approved');
/** A word of the name says it: is_churned, default_next_month, two_year_recid, class-_ ... */
const sureWords = set('target label outcome class churn churned exited survived attrition default defaulted fraud fraudulent recid recidivism readmitted readmission converted conversion subscribed response diagnosis saleprice houseprice housevalue loanstatus approved');
/** What is often predicted, and often not. */
const likelyWords = set('price value cost result status rating grade quality score risk revenue sales charges mpg strength');

/**
 * Guesses the outcome from names, from the position (data sets for prediction mostly put it last), and from how few values it
 * has. Undefined when nothing speaks for any column. Always a guess: the caller shows `why` and lets the user say otherwise.
 */
export function guessOutcome(table: Table): GuessedOutcome | undefined {
  const modelled = table.columns.filter((c) => modelledKinds.includes(c.schema.kind));
  // One column alone predicts nothing.
  if (modelled.length < 2) return undefined;
  const last = table.columns[table.columns.length - 1];
  let best: { column: Column; score: number; why: string } | undefined;
  for (const column of modelled) {
    const { score, why } = judge(column, column === last);
    // Of equals the later one: predictors come first.
    if (score >= 3 && (!best || score >= best.score)) best = { column, score, why };
  }
  return best && { column: best.column.schema.name, guessed: true, why: best.why };
}

function judge(column: Column, last: boolean): { score: number; why: string } {
  const { name, kind } = column.schema, { distinct, present, rows } = factsOf(column);
  if (kind === 'date' || kind === 'time' || kind === 'datetime' || distinct < 2) return { score: -1, why: '' };
  const classes = kind === 'boolean' || kind === 'category' || kind === 'ordinal';
  if (classes && distinct > 50) return { score: -1, why: '' };
  const whole = name.toLowerCase().replace(/[^a-z]+/g, '_').replace(/^_+|_+$/g, ''), words = nameWords(name);
  const reasons: string[] = [];
  let score = 0;
  if (wholeNames.has(whole)) { score += 10; reasons.push(`its name is "${name}"`); }
  else {
    const sure = words.find((w) => sureWords.has(w)), likely = words.find((w) => likelyWords.has(w));
    if (sure) { score += 8; reasons.push(`its name says "${sure}"`); }
    else if (likely) { score += 3; reasons.push(`its name says "${likely}"`); }
  }
  if (last) { score += 3; reasons.push('it is the last column'); }
  if (kind === 'boolean') { score += 1; reasons.push('it has two values'); }
  else if (distinct <= 10) { score += 0.5; reasons.push(`it has ${distinct} values`); }
  // A column with many gaps is seldom what one predicts.
  if (present < 0.95 * rows) score -= 4;
  return { score, why: reasons.join(', ') };
}
