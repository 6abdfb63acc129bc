import type { ColumnWarning } from '../../protocol';
import type { Facts } from '../kinds/facts';
import { modelledKinds, type Column } from '../table';

/** Plural names of kinds of personal data. */
export const personalNames: Record<string, string> = {
  email: 'e-mail addresses', name: 'names of people', phone: 'telephone numbers', iban: 'bank account numbers (IBAN)', ip: 'IP addresses', address: 'postal addresses', url: 'web addresses', 'credit-card': 'payment card numbers', ssn: 'social security numbers', uuid: 'UUIDs',
};

const percent = (share: number) => (share > 0.995 && share < 1 ? 'over 99%' : share > 0 && share < 0.01 ? 'under 1%' : `${Math.round(share * 100)}%`);

/** What a user should know of a column before fitting, and what can be done about it. */
export function warningsOf(column: Column, facts: Facts, k: number): ColumnWarning[] {
  const { schema } = column, { rows, present, distinct } = facts, warnings: ColumnWarning[] = [];
  const add = (code: ColumnWarning['code'], severity: ColumnWarning['severity'], message: string, suggestion?: string) => warnings.push({ code, severity, message, ...(suggestion ? { suggestion } : {}) });
  if (present === 0) { add('all-missing', 'warning', 'Every cell is missing.', 'Drop the column, or leave it: it is written empty.'); return warnings; }
  const missing = 1 - present / rows;

  switch (schema.kind) {
    case 'personal': add('personal', 'warning', `Looks like personal data (${personalNames[schema.personal ?? 'name']}). It is never learnt: every value is replaced by an invented one of the same form.`, 'If it is not personal, declare its kind (for example category).'); break;
    case 'identifier': add('identifier', 'information', `Identifies records (${distinct.toLocaleString('en')} values in ${present.toLocaleString('en')} rows). It is not learnt: new values of the same format take its place.`, 'If its values carry meaning, declare its kind (for example category).'); break;
    case 'text': add('text', 'information', 'Free text. It is not learnt: placeholder text of similar length takes its place.', 'If it holds a limited set of values, declare it a category; else drop it.'); break;
    case 'constant': add('constant', 'information', 'Every row has the same value; it is repeated.'); break;
  }
  if (missing > 0.5) add('mostly-missing', 'warning', `${percent(missing)} of the cells are missing; ${present.toLocaleString('en')} are left to learn from.`, modelledKinds.includes(schema.kind) ? 'Drop the column if nothing depends on it.' : undefined);

  const words = schema.storage === 'code' && (schema.kind === 'category' || schema.kind === 'ordinal');
  if (words && facts.counts) {
    let rareValues = 0, rareRows = 0;
    for (const c of facts.counts) if (c > 0 && c < k) { rareValues++; rareRows += c; }
    if (distinct > 20 && distinct > 0.5 * present) add('nearly-unique', 'warning', `${distinct.toLocaleString('en')} values in ${present.toLocaleString('en')} rows: most occur too seldom to be learnt.`, 'Declare it an identifier or text, group its values, or drop it.');
    else if (distinct > 100 || rareRows > 0.05 * present) add('many-categories', distinct > 1000 || rareRows > 0.2 * present ? 'warning' : 'information', `${distinct.toLocaleString('en')} categories; ${rareValues.toLocaleString('en')} of them are in fewer than ${k} rows each (${percent(rareRows / present)} of the rows) and are merged.`, 'Group rare values beforehand, or declare the values that may appear.');
    const numeric = numericShare(column, facts.counts);
    if (numeric > 0.2 && numeric < 1 && distinct > 10) add('mixed-types', 'warning', `Numbers and words are mixed: ${percent(numeric)} of the cells are numbers. It is modelled as categories.`, 'Correct the cells that are not numbers, or write them as missing.');
  }
  return warnings;
}

function numericShare(column: Column, counts: Int32Array): number {
  const categories = column.categories();
  let numeric = 0, all = 0;
  for (let i = 0; i < categories.length; i++) {
    all += counts[i];
    if (/^[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(categories[i].trim())) numeric += counts[i];
  }
  return all === 0 ? 0 : numeric / all;
}
