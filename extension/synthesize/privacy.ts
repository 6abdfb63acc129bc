/** The privacy budget of a run, as the wizard asks for it: what each question offers, as data, and the words in which the choice is told. No `vscode` here. */
import type { GeneratorInfo, PrivacyWish, TableProfile } from '../../server/protocol';
import { count, plural } from '../words';
import type { Item } from './steps';

export interface Option<T> { label: string; description?: string; detail?: string; value: T }

/** How private? `other` asks for a number. */
export const budgets: ReadonlyArray<Option<number | 'none' | 'other'>> = [
  { label: 'None', detail: 'The most faithful table. Privacy is then measured by attacks, not proven.', value: 'none' },
  { label: 'Epsilon 1', description: 'strong', detail: 'A single row can change any outcome\'s probability by a factor of at most 2.7. Small tables lose much.', value: 1 },
  { label: 'Epsilon 3', description: 'moderate', detail: 'A factor of at most 20.', value: 3 },
  { label: 'Epsilon 8', description: 'weak on paper, still a bound', detail: 'A factor of at most 3,000.', value: 8 },
  { label: 'Other...', value: 'other' },
];

/** A typed epsilon, or what is wrong with it. */
export function typedEpsilon(text: string): number | string {
  const n = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(n) || n <= 0) return 'A number above 0; usual values lie between 0.5 and 8.';
  return n > 100 ? 'An epsilon above 100 promises nothing.' : n;
}

/** May the number of rows be told? It decides delta. */
export const rowsChoices = (profile: TableProfile): Array<Option<Pick<PrivacyWish, 'publicRows' | 'delta'>>> => [
  { label: `The number of rows, ${count(profile.rows)}, is public`, detail: 'It costs nothing then, and delta is at most a tenth of 1 / rows.', value: { publicRows: profile.rows } },
  ...[1e-6, 1e-9].filter((delta) => delta < 1 / Math.max(2, profile.rows)).map((delta) => ({ label: `It is not: delta ${delta}`, detail: 'A noised number of rows is used, and charged.', value: { delta } })),
];

/** What is declared public by going on; the user must agree to it. */
export function declaration(profile: TableProfile): { message: string; detail: string } {
  const columns = profile.columns.map((c) => `${c.name} (${c.personal ?? c.kind}${c.missing ? ', with missing cells' : ''})`);
  return {
    message: `Under a privacy budget it must be public knowledge what the ${plural(profile.columns.length, 'column')} are.`,
    detail: `Declared public: the columns' names, kinds, decimals, formats and missing-value tokens as Understudy takes them here, and the file's layout. Values, ends, categories and shares are not: they are noised and charged.\n\n${columns.slice(0, 40).join(', ')}${columns.length > 40 ? ' and more' : ''}.\n\nEvery run is a new release: epsilon is the total for this table over all its runs, and a repeat is charged anew. Rows are protected one by one; where a person has several, use the command line's --unit entity:COLUMN.`,
  };
}

/** The wizard's row that tells the budget and leads to it. */
export const budgetRow = (wish: PrivacyWish | undefined): Item => ({
  label: `$(shield) Privacy budget: ${wish ? `epsilon ${wish.epsilon}` : 'none'}`, id: '*privacy', enter: 'privacy',
  description: wish ? (wish.publicRows !== undefined ? `the number of rows is public` : `delta ${wish.delta}`) : 'differential privacy', detail: wish ? 'Column kinds and formats are declared public. A second report, beside the other, may be published.' : 'Press Enter here to ask for a proven bound on what can be learnt of any one row.',
});

/** Generators that can be had under this wish. */
export const offered = (generators: readonly GeneratorInfo[], wish: PrivacyWish | undefined): readonly GeneratorInfo[] => (wish ? generators.filter((g) => g.keepsBudget) : generators);
