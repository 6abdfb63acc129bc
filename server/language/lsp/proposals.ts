import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CompletionItemKind, InsertTextFormat } from 'vscode-languageserver-types';
import { automatic } from '../../generators/auto';
import { defaults } from '../../plan/defaults';
import { kindNames } from '../../plan/request';
import { isTableName } from '../../targets/names';
import { knownGenerators, knownMetrics, type KnownSetting } from '../catalogue';
import { columnNames, columnOf } from '../columns';
import type { Tables } from '../data';
import type * as ast from '../generated/ast';
import { columnsOf, isCategorical, isNumeric } from '../model';
import type { TableProfile } from '../../protocol';
import { isWritable, writeName, writeString, writeValue } from '../names';

/** What can be proposed at a place, apart from how the editor asks for it. Where several are, values come first, then columns, then words (`sort`). */
export interface Proposal { label: string; insert?: string; kind: CompletionItemKind; detail?: string; /** What stands beside the label in the list instead of the detail, where that is so long that the label would be cut. */ beside?: string; documentation?: string; sort?: string; snippet?: boolean }

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;

/** @param late behind the words that may stand there, too */
export function columnProposals(source: ast.Source, tables: Tables, undeclared = false, late = false): Proposal[] {
  const declared = columnsOf(source);
  // What is declared and not in the file is misspelt, or half a sentence.
  const meant = (n: string) => { const { profile, table } = columnOf(source, n, tables); return profile !== undefined || table?.profile === undefined; };
  return columnNames(source, tables).filter((n) => isWritable(n) && meant(n) && !(undeclared && declared.has(n))).map((name, i) => {
    const { kind, profile } = columnOf(source, name, tables);
    const facts = [kind ?? 'column', ...(profile?.min !== undefined ? [`${profile.min}..${profile.max}`] : profile?.top ? [`${profile.distinct} values`] : []), ...(profile?.missing ? [`${percent(profile.missing / profile.rows)} missing`] : [])];
    return { label: name, insert: `${writeName(name)}${undeclared && kind ? `: ${kind === 'ordinal' ? 'category' : kind}` : ''}`, kind: CompletionItemKind.Field, detail: facts.join(', '), sort: `${late ? 3 : 1}${String(i).padStart(5, '0')}` };
  });
}

/** A column's values with their counts, the most frequent first. */
export function valueProposals(source: ast.Source, name: string, tables: Tables, quoted: boolean): Proposal[] {
  const { profile, kind } = columnOf(source, name, tables);
  return (profile?.top ?? []).filter((t) => isWritable(t.value)).map((t, i) => ({
    label: t.value, insert: quoted ? writeString(t.value) : writeValue(t.value, isNumeric(kind)), kind: CompletionItemKind.EnumMember, detail: `${t.count.toLocaleString('en')} rows, ${percent(t.count / Math.max(1, profile!.rows))}`, sort: `0${String(i).padStart(5, '0')}`,
  }));
}

/** All that the file has of a column, as a range or a list. */
export function rangeProposals(source: ast.Source, name: string, tables: Tables): Proposal[] {
  const { profile, kind } = columnOf(source, name, tables), all = { kind: CompletionItemKind.Value, detail: 'what the file has', sort: '00000' };
  if (isNumeric(kind) && profile?.min !== undefined && profile.max !== undefined) return [{ ...all, label: `${profile.min}..${profile.max}`, insert: `${writeValue(profile.min, true)}..${writeValue(profile.max, true)}` }];
  if (!isCategorical(kind) || !profile?.top || profile.top.length < profile.distinct || profile.top.length > mostListed) return [];
  const list = `(${(profile.order ?? profile.top.map((t) => t.value)).filter(isWritable).map(writeString).join(', ')})`;
  return [{ ...all, label: list, insert: list }];
}
const mostListed = 20;

/** Numbers that one would begin with, by the place: `Rule.property` of the grammar, and what stands before. */
export function numberProposals(due: string, before: string, profile: TableProfile | undefined): Proposal[] {
  const say = (label: string, detail: string): Proposal => ({ label, detail, insert: label, kind: CompletionItemKind.Value, sort: '0' });
  switch (due) {
    case 'RowsClause.count': return profile && !/\bpublic\s+rows\s+$/.test(before) ? [say(String(profile.rows), 'as many as the source has')] : [];
    case 'PrivacyClause.epsilon': return [say('1', 'a strong guarantee'), say('3', 'a usual one')];
    case 'PrivacyClause.delta': return profile ? [say(`1e-${Math.ceil(Math.log10(Math.max(10, profile.rows))) + 1}`, `far below one over the ${profile.rows.toLocaleString('en')} rows`)] : [];
    case 'Amount.value': {
      if (/\bbalance\s.*\bto\s+$/.test(before)) return [say('50%', 'of the rows have the outcome\'s positive value')];
      if (/\bshare\s+$/.test(before)) return [say('10%', 'of all rows are of the kind')];
      if (/\bwithin\s+$/.test(before)) return [say('0.02', 'the largest difference between groups')];
      return /\bkeep\s+utility\s*>=\s*$/.test(before) ? [say('0.95', 'of what the real rows allow')] : [];
    }
    default: return [];
  }
}

export const generatorProposals = (): Proposal[] => knownGenerators().map((g, i) => ({
  label: g.name, kind: CompletionItemKind.Class, detail: `${g.title}${g.id === defaults.generator ? ' (default)' : ''}${g.differentialPrivacy ? ', takes a privacy budget' : ''}`, documentation: `${g.summary}${g.paper ? `\n\n${g.paper}` : ''}`, sort: g.id === automatic.id ? '1' : `0${String(i).padStart(3, '0')}`,
}));

export const settingProposals = (settings: readonly KnownSetting[], said: ReadonlySet<string>): Proposal[] => settings.filter((s) => !said.has(s.name)).map((s) => ({
  label: s.name, insert: `${s.name} ${s.choices ? `\${1|${s.choices.join(',')}|}` : s.default === 'chosen from the table' || s.default === 'none' ? '$1' : `\${1:${s.default}}`}`, snippet: true, kind: CompletionItemKind.Property, detail: `${s.values}; default ${s.default}`, documentation: s.what,
}));

const direction = { higher: 'more is better', lower: 'less is better', target: 'the nearer the better' } as const;
/** @param purpose that of the target: figures of other purposes are left out; of a plain release, its own come last */
export const metricProposals = (family?: string, purpose?: ast.Purpose): Proposal[] => knownMetrics().filter((m) => (family === undefined || m.name.startsWith(`${family}.`)) && (!purpose || !m.purposes || m.purposes.includes(purpose))).map(({ name, info }, i) => {
  const op = info.better === 'higher' ? '>=' : info.better === 'lower' ? '<=' : 'in', bound = info.better === 'target' ? `${(info.target ?? 0.5) - 0.05}..${(info.target ?? 0.5) + 0.05}` : String(info.threshold && !info.threshold.on ? info.threshold.good : info.better === 'lower' ? 0.05 : 0.9);
  const label = family === undefined ? name : name.slice(family.length + 1);
  return { label, insert: `${label} ${op} \${1:${bound}}`, snippet: true, kind: CompletionItemKind.Function, beside: info.name, detail: `${info.name}: ${direction[info.better]}${info.suite ? `, suite ${info.suite}` : ''}`, documentation: `${info.definition}\n\n${info.paper}`, sort: `0${name.startsWith('target.') && (purpose ?? 'release') === 'release' ? 1 : 0}${String(i).padStart(4, '0')}` };
});
export const familyProposals = (): Proposal[] => [...new Set(knownMetrics().map((m) => m.name.split('.')[0]))].map((f) => ({ label: f, insert: `${f}.`, kind: CompletionItemKind.Module, detail: 'family of metrics', sort: '1' }));

export const words = (list: readonly string[], detail: string): Proposal[] => list.map((label) => ({ label, kind: CompletionItemKind.EnumMember, detail }));

/** Files beside the document, by what is meant: tables, or other .synth files. One folder at a time. */
export async function pathProposals(file: string, typed: string, want: 'table' | 'synth'): Promise<Proposal[]> {
  const at = typed.lastIndexOf('/'), folder = join(dirname(file), typed.slice(0, at + 1));
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((e) => !e.name.startsWith('.') && e.name !== 'node_modules' && (e.isDirectory() || (want === 'table' ? isTableName(e.name) : e.name.endsWith('.synth') && e.name !== basename(file)))).slice(0, 500).map((e) => ({
    label: e.name, insert: writeString(`${typed.slice(0, at + 1)}${e.name}${e.isDirectory() ? '/' : ''}`), kind: e.isDirectory() ? CompletionItemKind.Folder : CompletionItemKind.File, sort: `${e.isDirectory() ? 1 : 0}${e.name}`,
  }));
}

/** Whole declarations, as one begins them; purposes first where there is a source already. @param source its name */
export const declarations = (source: string | undefined, target: string): Proposal[] => [
  ['source', `source \${1:name} = "\${2:data.csv}" {\n  $0\n}`, 'a table and what is known of it'],
  ['release', `release \${1:stand_in} from \${2:${source ?? 'name'}} {\n  rows \${3:1000}$0\n}`, 'a stand-in for the whole table'],
  ['augmentation', `augmentation \${1:more} from \${2:${source ?? 'name'}} {\n  where \${3:condition} rows \${4:500}$0\n}`, 'more rows of a kind'],
  ['fairness', `fairness \${1:fair} from \${2:${source ?? 'name'}} {\n  demographic_parity of \${3:outcome} across \${4:sensitive} within \${5:0.02}$0\n}`, 'rows in which groups fare alike'],
  ['transfer', `transfer \${1:there} from \${2:${source ?? 'name'}} {\n  to "\${3:other.csv}" labels \${4|none,some|} using \${5|importance,optimal_transport|}$0\n}`, 'rows as another place has them'],
  ['completion', `completion \${1:filled} from \${2:${source ?? 'name'}} {\n  impute \${3:all} releases \${4:5}$0\n}`, 'missing cells filled, or series continued'],
  ['expect', `expect \${1:${target}} {\n  fidelity.shapes >= \${2:0.95}$0\n}`, 'what is expected of a target\'s result'],
].map(([label, insert, detail], i) => ({ label, insert, detail, snippet: true, kind: CompletionItemKind.Snippet, sort: `0${source !== undefined && label === 'source' ? 9 : i}` }));

/** Clauses that take more than a word. */
const templates: Record<string, string> = {
  rows: 'rows ${1:1000}', releases: 'releases ${1:5}', privacy: 'privacy epsilon ${1:3} delta ${2:1e-6}', where: 'where ${1:condition} rows ${2:500}', balance: 'balance ${1:column} to ${2:50%}', beside: 'beside real',
  demographic_parity: 'demographic_parity of ${1:outcome} across ${2:sensitive} within ${3:0.02}', equal_opportunity: 'equal_opportunity of ${1:outcome} across ${2:sensitive} within ${3:0.02}', equalised_odds: 'equalised_odds of ${1:outcome} across ${2:sensitive} within ${3:0.02}',
  keep: 'keep utility >= ${1:0.95}', to: 'to "${1:other.csv}"', labels: 'labels ${1|none,some|}', using: 'using ${1|importance,optimal_transport|}', impute: 'impute ${1:all}', forecast: 'forecast ${1:24} by ${2:unit} order by ${3:time}', seed: 'seed ${1:1}', budget: 'budget ${1:2m}',
  generator: 'generator ${1:autoregressive}', out: 'out "${1:synthetic.csv}"', suite: 'suite ${1|standard,full,privacy|}', protection: 'protection ${1|off,5|}', rule: 'rule ${1:name}: ${2:condition}', holdout: 'holdout "${1:holdout.csv}"',
};
export const template = (word: string): Pick<Proposal, 'insert' | 'snippet'> => (templates[word] ? { insert: templates[word], snippet: true } : {});
export const kinds: readonly string[] = kindNames;
export const snippetFormat = InsertTextFormat.Snippet;
