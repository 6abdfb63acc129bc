/** A profile as a Markdown page. No `vscode` here. */
import path from 'node:path';
import type { ColumnOverride, ColumnProfile, TableProfile } from '../../server/protocol';
import { inWords } from '../columns/fixes';
import { bytes, count, duration, plural } from '../words';

/** Names and values come out of the user's file: nothing in them may become markup, a link or a new cell. */
export const plain = (text: string) => text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~&-]/g, (c) => `\\${c}`);

const share = (part: number, whole: number) => (!whole || !part ? '0' : part / whole < 0.001 ? '<0.1%' : `${(100 * part / whole).toFixed(1)}%`);

function values(column: ColumnProfile): string {
  if (column.min !== undefined && column.max !== undefined) return `${plain(column.min)} to ${plain(column.max)}`;
  return (column.top ?? []).slice(0, 3).map((t) => plain(t.value.length > 24 ? `${t.value.slice(0, 23)}…` : t.value)).join(', ');
}

/** The whole page: the table's facts, what the user decided, what to look at, then every column in the file's order. */
export function markdown(profile: TableProfile, said: Record<string, ColumnOverride> = {}): string {
  const { dialect, estimate, outcome } = profile;
  const facts = [
    `${plural(profile.rows, 'row')}, ${plural(profile.columns.length, 'column')}, ${bytes(profile.bytes)} of ${profile.format.toUpperCase()}`,
    dialect && `delimiter \`${dialect.delimiter === '\t' ? 'tab' : dialect.delimiter}\`, ${dialect.encoding}${dialect.bom ? ' with a byte order mark' : ''}`,
    estimate && `A stand-in takes about **${duration(estimate.seconds)}** and **${bytes(estimate.memoryBytes)}** of memory (${plain(estimate.why)})`,
    outcome && `Outcome: **${plain(outcome.column)}**${outcome.guessed ? ' (a guess)' : ''}: ${plain(outcome.why)}`,
    ...profile.notes.map(plain),
  ].filter(Boolean);
  const decided = Object.entries(said).map(([name, override]) => `- **${plain(name)}**: ${inWords(override)}`);
  const warned = profile.columns.filter((c) => c.warnings.length && !Object.hasOwn(said, c.name));
  const look = warned.flatMap((c) => c.warnings.map((w) => `- **${plain(c.name)}**: ${plain(w.message)}${w.suggestion ? ` ${plain(w.suggestion)}` : ''}`));
  const rows = profile.columns.map((c) => `| ${plain(c.name)} | ${c.personal ?? c.kind} | ${plain(c.modelledAs)} | ${count(c.distinct)} | ${share(c.missing, c.rows)} | ${values(c)} |`);
  return [
    `# ${plain(path.basename(profile.path))}`, '', ...facts.map((f) => `- ${f}`), '',
    ...(decided.length ? ['## As you decided', '', ...decided, ''] : []),
    ...(look.length ? ['## Look at these columns', '', ...look, '', '_Synthesize... offers to treat each of them otherwise._', ''] : []),
    '## Columns', '', '| Column | Kind | Modelled as | Distinct | Missing | Values |', '|---|---|---|--:|--:|---|', ...rows, '',
  ].join('\n');
}
