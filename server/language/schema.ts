import { basename, relative } from 'node:path';
import type { ColumnProfile, ColumnRelation, Rule, TableProfile } from '../protocol';
import { splitName } from '../targets/names';
import { isWritable, writeName, writeString, writeValue } from './names';
import { isNumeric } from './model';

/**
 * A complete, commented `.synth` for a table: every column with what it was taken for, the outcome, the relations that were found, and a target with
 * what one would expect of it.
 * @param folder where the file will lie; the table's path is relative to it
 * @param called the file's name, where it is another than the table's
 */
export function schemaOf(profile: TableProfile, folder: string, called = `${splitName(basename(profile.path)).stem}.synth`): string {
  const path = relative(folder, profile.path).split('\\').join('/'), name = sourceName(path), writable = profile.columns.filter((c) => isWritable(c.name)), outcome = profile.outcome?.column;
  const width = Math.min(28, Math.max(...writable.map((c) => writeName(c.name).length), 1) + 1), declared = writable.map((c) => `  ${columnLine(c, c.name === outcome, width)}`);
  const side = Math.min(64, Math.max(...declared.map((d) => d.length), 1) + 2), lines = declared.map((d, i) => `${d.padEnd(side)} // ${comment(writable[i])}`);
  const file = /^[\w.-]+$/.test(called) ? called : `"${called}"`;
  return `language 1

// What ${path} holds, as Understudy reads it. Correct what is wrong:
// what is written here holds in every run below.
source ${name} = ${writeString(path)} {
${lines.join('\n')}${skipped(profile)}${rules(profile)}
}

// A stand-in for the whole table. Run it from the line above it,
// or with: understudy run ${file}
release stand_in from ${name} {
  rows ${profile.rows}
}

// What is expected of it. After a run each line shows what was measured.
expect stand_in {
  fidelity.shapes >= 0.95
  fidelity.pair_trends >= 0.9${outcome === undefined ? '' : `
  utility.tstr >= 0.9 of real`}
  privacy.near_copies <= 0.05
}
`;
}

const sourceName = (path: string): string => {
  const plain = path.split('/').pop()!.split('.')[0].replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  return writeName(plain === '' || plain === '_' ? 'data' : plain);
};

function attributes(c: ColumnProfile, outcome: boolean): string {
  const parts: string[] = [c.kind === 'ordinal' ? 'category' : c.kind];
  if (c.kind === 'ordinal' && c.order?.every(isWritable)) parts.push(`ordered (${c.order.map((v) => writeValue(v, true)).join(', ')})`);
  if (outcome) parts.push('outcome');
  return parts.join(' ');
}

function comment(c: ColumnProfile): string {
  const facts: string[] = [];
  if (c.min !== undefined && c.max !== undefined) facts.push(`${c.min}..${c.max}`);
  else if (c.kind === 'personal' || c.kind === 'identifier' || c.kind === 'text') facts.push(c.modelledAs);
  else if (c.top?.length) facts.push(`${c.distinct.toLocaleString('en')} values: ${c.top.slice(0, 4).map((t) => t.value).join(', ')}${c.distinct > 4 ? ', ...' : ''}`);
  if (c.missing) facts.push(`${((100 * c.missing) / Math.max(1, c.rows)).toFixed(1)}% missing`);
  for (const w of c.warnings.slice(0, 1)) facts.push(w.message);
  return facts.join('; ').replace(/[\r\n]+/g, ' ') || (isNumeric(c.kind) ? 'a number' : c.modelledAs);
}

function skipped(profile: TableProfile): string {
  const left = profile.columns.filter((c) => !isWritable(c.name)).length;
  return left ? `\n  // ${left} column${left === 1 ? '' : 's'} whose names hold line ends cannot be written here and are left as they are.` : '';
}

/** Relations that hold in every row, as rules; the rest of what was noticed as comments. */
function rules(profile: TableProfile): string {
  const relations = profile.relations ?? [], names = new Set<string>(), found = relations.flatMap((r) => ruleText(r, nameOf(r, names)) ?? []), sentences = new Set(relations.map((r) => r.sentence));
  const notes = profile.notes.filter((n) => !sentences.has(n)).map((n) => `  // ${n.replace(/[\r\n]+/g, ' ')}`);
  return `${notes.length ? `\n\n${notes.join('\n')}` : ''}${found.length ? `\n\n  // These hold in every row of the file. Delete what holds by chance.\n${found.map((f) => `  ${f.text}`).join('\n')}` : ''}`;
}
function nameOf(r: ColumnRelation, taken: Set<string>): string {
  const base = `${r.columns[0].replace(/[^A-Za-z0-9]+/g, '_').replace(/^(?=\d)/, '_')}_${{ equal: 'equals', 'at-most': 'at_most', sum: 'is_sum', determines: 'determines' }[r.type]}`;
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}_${n}`;
  taken.add(name);
  return name;
}

/** A column's declaration without its comment. */
export const columnLine = (c: ColumnProfile, outcome: boolean, width = 0): string => `${`${writeName(c.name)}:`.padEnd(width)} ${attributes(c, outcome)}`;

/** A relation as a rule, written and compiled; undefined where a name cannot be written. */
export function ruleText(relation: ColumnRelation, name: string): { text: string; rule: Rule } | undefined {
  if (!relation.columns.every(isWritable)) return undefined;
  const [a, b, c] = relation.columns, [x, y, z] = relation.columns.map((n) => writeName(n)), column = (n: string) => ({ type: 'column' as const, column: n }), head = `rule ${writeName(name)}: `;
  switch (relation.type) {
    case 'equal': return { text: `${head}${x} = ${y}`, rule: { name, type: 'row', condition: { type: 'compare', op: '=', left: column(a), right: column(b) } } };
    case 'at-most': return { text: `${head}${x} <= ${y}`, rule: { name, type: 'row', condition: { type: 'compare', op: '<=', left: column(a), right: column(b) } } };
    case 'sum': return { text: `${head}${x} = ${y} + ${z}`, rule: { name, type: 'row', condition: { type: 'compare', op: '=', left: column(a), right: { type: 'arithmetic', op: '+', left: column(b), right: column(c) } } } };
    case 'determines': return { text: `${head}${x} determines ${y}`, rule: { name, type: 'determines', from: [a], to: [b] } };
  }
}
