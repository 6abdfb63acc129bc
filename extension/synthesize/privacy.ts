/** The privacy budget of a run, as the wizard asks for it: what each question offers, as data, and the words in which the choice is told. No `vscode` here. */
import type { GeneratorInfo, PrivacyWish, TableProfile } from '../../server/protocol';
import { t } from '../l10n';
import { count, plural } from '../words';
import type { Item } from './steps';

export interface Option<T> { label: string; description?: string; detail?: string; value: T }

/** How private? `other` asks for a number. */
export const budgets: ReadonlyArray<Option<number | 'none' | 'other'>> = [
  { label: t('None'), detail: t('The most faithful table. Privacy is then measured by attacks, not proven.'), value: 'none' },
  { label: t('Epsilon {0}', 1), description: t('strong; small tables lose much'), detail: t('A single row can change any outcome\'s probability by a factor of at most 2.7.'), value: 1 },
  { label: t('Epsilon {0}', 3), description: t('moderate'), detail: t('A factor of at most 20.'), value: 3 },
  { label: t('Epsilon {0}', 8), description: t('weak on paper, still a bound'), detail: t('A factor of at most 3,000.'), value: 8 },
  { label: t('Other...'), value: 'other' },
];

/** A typed epsilon, or what is wrong with it. */
export function typedEpsilon(text: string): number | string {
  const n = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(n) || n <= 0) return t('A number above 0; usual values lie between 0.5 and 8.');
  return n > 100 ? t('An epsilon above 100 promises nothing.') : n;
}

/** May the number of rows be told? It decides delta. */
export const rowsChoices = (profile: TableProfile): Array<Option<Pick<PrivacyWish, 'publicRows' | 'delta'>>> => [
  { label: t('The number of rows, {0}, is public', count(profile.rows)), detail: t('It costs nothing then, and delta is at most a tenth of 1 / rows.'), value: { publicRows: profile.rows } },
  ...[1e-6, 1e-9].filter((delta) => delta < 1 / Math.max(2, profile.rows)).map((delta) => ({ label: t('It is not: delta {0}', delta), detail: t('A noised number of rows is used, and charged.'), value: { delta } })),
];

/** What is declared public by going on; the user must agree to it. @param left how many rows the user left out, which a budget cannot heed */
export function declaration(profile: TableProfile, left = 0): { message: string; detail: string } {
  const columns = profile.columns.map((c) => `${c.name} (${c.personal ?? c.kind}${c.missing ? `, ${t('with missing cells')}` : ''})`);
  return {
    message: t('Under a privacy budget it must be public knowledge what the {0} are.', plural(profile.columns.length, '{0} column', '{0} columns')),
    detail: [
      t('Declared public: the columns\' names, kinds, decimals, formats and missing-value tokens as Understudy takes them here, and the file\'s layout. Values, ends, categories and shares are not: they are noised and charged.'),
      `${columns.length > 40 ? t('{0} and more', columns.slice(0, 40).join(', ')) : columns.join(', ')}.`,
      ...(left ? [t('{0} that you left out will be part of the table again: under a budget, which rows are left out would itself tell of them.', plural(left, '{0} row', '{0} rows'))] : []),
      t('Every run is a new release: epsilon is the total for this table over all its runs, and a repeat is charged anew. Rows are protected one by one; where a person has several, use the command line\'s --unit entity:COLUMN.'),
    ].join('\n\n'),
  };
}

/** The wizard's row that tells the budget and leads to it. */
export const budgetRow = (wish: PrivacyWish | undefined): Item => ({
  label: `$(shield) ${wish ? t('Privacy budget: epsilon {0}', wish.epsilon) : t('Privacy budget: none')}`, id: '*privacy', enter: 'privacy',
  description: wish ? (wish.publicRows !== undefined ? t('the number of rows is public') : t('delta {0}', wish.delta!)) : t('differential privacy'), detail: wish ? t('Column kinds and formats are declared public. A second report, beside the other, may be published.') : t('Press Enter here to ask for a proven bound on what can be learnt of any one row.'),
});

/** Generators that can be had under this wish, each with what is to be known of it there. */
export const offered = (generators: readonly GeneratorInfo[], wish: PrivacyWish | undefined): readonly GeneratorInfo[] => (wish ? generators.filter((g) => g.keepsBudget).map((g) => (g.underBudget ? { ...g, summary: g.underBudget } : g)) : generators);
