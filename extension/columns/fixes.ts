/** The ways a column can be treated, as buttons and as a list. No `vscode` here. */
import type { ColumnOverride, ColumnProfile, Kind } from '../../server/protocol';
import { t } from '../l10n';

export interface Fix { id: string; icon: string; title: string; detail: string; override: ColumnOverride }

/** The four that are one click away. */
export const fixes: readonly Fix[] = [
  { id: 'identifier', icon: 'key', title: t('Treat as Identifier'), detail: t('Not learnt: new values of the same format take its place.'), override: { kind: 'identifier' } },
  { id: 'category', icon: 'symbol-enum', title: t('Treat as Category'), detail: t('Learnt as a set of values; those of fewer than five rows merge.'), override: { kind: 'category' } },
  { id: 'personal', icon: 'person', title: t('Treat as Personal Data'), detail: t('Never learnt: every value is replaced by an invented one.'), override: { kind: 'personal' } },
  { id: 'drop', icon: 'trash', title: t('Drop'), detail: t('Not modelled and not written.'), override: { drop: true } },
];

const others: ReadonlyArray<[Kind, string, string, string]> = [
  ['text', 'note', t('Treat as Free Text'), t('Not learnt: placeholder text of similar length takes its place.')],
  ['integer', 'symbol-number', t('Treat as Whole Number'), t('Learnt by size; cells that are not whole numbers are an error.')],
  ['real', 'symbol-number', t('Treat as Number'), t('Learnt by size; cells that are not numbers are an error.')],
  ['boolean', 'symbol-boolean', t('Treat as Yes or No'), t('Learnt as two values.')],
];

/** Every way, the one-click ones first. */
export const allFixes: readonly Fix[] = [
  ...fixes, ...others.map(([kind, icon, title, detail]) => ({ id: kind, icon, title, detail, override: { kind } })),
];

/** What was said of one column; a column may be called "constructor". */
export const saidOf = (said: Record<string, ColumnOverride>, column: string): ColumnOverride | undefined => (Object.hasOwn(said, column) ? said[column] : undefined);

/** What was said of a column, in a word or two. */
export function inWords(said: ColumnOverride): string {
  if (said.drop) return t('dropped');
  if (said.step !== undefined) return t('in steps of {0}', said.step);
  if (said.merge?.length) return said.merge.length === 1 ? t('"{0}" protected', said.merge[0]) : t('{0} values protected', said.merge.length);
  return said.kind === 'personal' ? t('personal data') : said.kind ?? t('as declared');
}

/** A fix that the column's kind already is would change nothing. */
export const useful = (fix: Fix, column: Pick<ColumnProfile, 'kind'> | undefined) => !column || fix.override.kind !== column.kind;
