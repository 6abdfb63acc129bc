/** A profile as a Markdown page. No `vscode` here. */
import path from 'node:path';
import type { ColumnOverride, ColumnProfile, TableProfile } from '../../server/protocol';
import { inWords } from '../columns/fixes';
import { t } from '../l10n';
import { bytes, count, duration, plural } from '../words';

/** Names and values come out of the user's file: nothing in them may become markup, a link or a new cell. */
export const plain = (text: string) => text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~&-]/g, (c) => `\\${c}`);

const share = (part: number, whole: number) => (!whole || !part ? '0' : part / whole < 0.001 ? '<0.1%' : `${(100 * part / whole).toFixed(1)}%`);

function values(column: ColumnProfile): string {
  if (column.min !== undefined && column.max !== undefined) return t('{0} to {1}', plain(column.min), plain(column.max));
  return (column.top ?? []).slice(0, 3).map(({ value }) => plain(value.length > 24 ? `${value.slice(0, 23)}…` : value)).join(', ');
}

const delimiters: Record<string, string> = { ',': t('commas'), ';': t('semicolons'), '\t': t('tabs'), '|': t('bars'), ' ': t('spaces') };

/** What was found between columns is named as that. */
export const noteOf = (profile: TableProfile, note: string): string => (profile.relations?.some((r) => r.sentence === note) ? t('Rule found: {0}', note) : note);

/** The whole page: the table's facts, what the user decided, what to look at, then every column in the file's order. */
export function markdown(profile: TableProfile, said: Record<string, ColumnOverride> = {}): string {
  const { dialect, estimate, outcome } = profile;
  const delimiter = dialect && (delimiters[dialect.delimiter] ?? `\`${dialect.delimiter}\``);
  const facts = [
    t('{0}, {1}, {2} of {3}', plural(profile.rows, '{0} row', '{0} rows'), plural(profile.columns.length, '{0} column', '{0} columns'), bytes(profile.bytes), profile.format.toUpperCase()),
    dialect && (dialect.bom ? t('Separated by {0}, {1} with a byte order mark', delimiter!, dialect.encoding.toUpperCase()) : t('Separated by {0}, {1}', delimiter!, dialect.encoding.toUpperCase())),
    estimate && t('A stand-in takes about **{0}** and **{1}** of memory ({2})', duration(estimate.seconds), bytes(estimate.memoryBytes), plain(estimate.why)),
    outcome && (outcome.guessed ? t('Outcome: **{0}** (a guess): {1}', plain(outcome.column), plain(outcome.why)) : t('Outcome: **{0}**: {1}', plain(outcome.column), plain(outcome.why))),
    ...profile.notes.map((note) => plain(noteOf(profile, note))),
  ].filter(Boolean);
  const decided = Object.entries(said).map(([name, override]) => `- **${plain(name)}**: ${inWords(override)}`);
  const warned = profile.columns.filter((c) => c.warnings.length && !Object.hasOwn(said, c.name));
  const look = warned.flatMap((c) => c.warnings.map((w) => `- **${plain(c.name)}**: ${plain(w.message)}${w.suggestion ? ` ${plain(w.suggestion)}` : ''}`));
  const rows = profile.columns.map((c) => `| ${plain(c.name)} | ${c.personal ?? c.kind} | ${plain(c.modelledAs)} | ${count(c.distinct)} | ${share(c.missing, c.rows)} | ${values(c)} |`);
  return [
    `# ${plain(path.basename(profile.path))}`, '', ...facts.map((f) => `- ${f}`), '',
    ...(decided.length ? [`## ${t('As you decided')}`, '', ...decided, ''] : []),
    ...(look.length ? [`## ${t('Look at these columns')}`, '', ...look, '', `_${t('Synthesize... offers to treat each of them otherwise.')}_`, ''] : []),
    `## ${t('Columns')}`, '', `| ${[t('Column'), t('Kind'), t('Modelled as'), t('Distinct'), t('Missing'), t('Values')].join(' | ')} |`, '|---|---|---|--:|--:|---|', ...rows, '',
  ].join('\n');
}
