/** What the three steps of Synthesize offer, as data: each step's first item is its default. No `vscode` here. */
import path from 'node:path';
import type { ColumnOverride, ColumnProfile, GeneratorInfo, SynthesizeRequest, TableProfile } from '../../server/protocol';
import { fixes, inWords, saidOf, useful } from '../columns/fixes';
import { noteOf } from '../inspect/document';
import { t } from '../l10n';
import { bytes, count, duration, firstSentence, plural } from '../words';
import type { Row } from './wizard';

export type Item = Row<Partial<SynthesizeRequest>>;

const icons: Record<string, string> = { error: '$(error)', warning: '$(warning)', information: '$(info)' };
const rank: Record<string, number> = { error: 0, warning: 1, information: 2 };
const worst = (column: ColumnProfile) => Math.min(3, ...column.warnings.map((w) => rank[w.severity]));

/** The row of the first step that tells of rows left out; no column can be called so. */
export const leftOut = '*rows';
const undo = { id: 'undo', icon: 'discard', title: t('Take Back') };

/**
 * Step 1: go on, above what every column is taken for: those the user decided about, those with warnings, the rest.
 * Each column has its one-click fixes; Enter on one lists all of them.
 * @param said what the user said of columns; dropped ones are not in the profile and are listed from here.
 * @param left how many rows the user left out
 */
export function whatIsModelled(profile: TableProfile, said: Record<string, ColumnOverride> = {}, left = 0): Item[] {
  const decided = profile.columns.filter((c) => saidOf(said, c.name));
  const warned = profile.columns.filter((c) => c.warnings.length && !saidOf(said, c.name));
  const dropped = Object.keys(said).filter((name) => said[name].drop);
  const { estimate } = profile;
  const cost = estimate ? t('about {0}, {1} of memory', duration(estimate.seconds), bytes(estimate.memoryBytes)) : '';
  const kept = profile.columns.filter((c) => !dropped.includes(c.name));
  const state = [
    warned.length ? t('{0} to look at below.', plural(warned.length, '{0} column', '{0} columns')) : t('Every column can be modelled.'),
    decided.length || dropped.length ? t('{0} as you decided.', plural(new Set([...decided.map((c) => c.name), ...dropped]).size, '{0} column', '{0} columns')) : '', t('Enter goes on.'),
  ];
  const items: Item[] = [{
    label: `$(play) ${t('Model {0} of {1}', plural(kept.length, '{0} column', '{0} columns'), path.basename(profile.path))}`, id: '*go',
    description: [plural(profile.rows, '{0} row', '{0} rows'), cost].filter(Boolean).join(' · '), detail: state.filter(Boolean).join(' '), choice: {},
  }];
  for (const note of profile.notes) items.push({ label: `$(info) ${firstPart(noteOf(profile, note))}`, choice: {} });

  const section = (label: string, rows: Item[]) => { if (rows.length) items.push({ label, separator: true }, ...rows); };
  section(t('As you decided'), [
    ...decided.filter((c) => !dropped.includes(c.name)).map((c) => row(c, said)),
    ...(left ? [{ label: `$(trash) ${plural(left, '{0} row left out', '{0} rows left out')}`, description: t('as you decided; Enter takes it back'), id: leftOut, enter: 'undo', actions: [undo] }] : []),
    ...dropped.map((name): Item => ({ label: `$(trash) ${name}`, description: t('dropped: not modelled and not written'), id: name, enter: 'undo', actions: [undo] })),
  ]);
  const rest = profile.columns.filter((c) => !saidOf(said, c.name)).sort((a, b) => worst(a) - worst(b) || a.index - b.index);
  section(t('Look at these'), rest.filter((c) => c.warnings.length).map((c) => row(c, said)));
  section(t('As expected'), rest.filter((c) => !c.warnings.length).map((c) => row(c, said)));
  return items;
}

function row(column: ColumnProfile, said: Record<string, ColumnOverride>): Item {
  const decided = saidOf(said, column.name);
  const [first] = [...column.warnings].sort((a, b) => rank[a.severity] - rank[b.severity]);
  // Who decided needs no telling of what to decide.
  const warn = decided ? undefined : first;
  return {
    label: `${decided ? '$(check)' : warn ? icons[warn.severity] : '$(symbol-field)'} ${column.name}`, id: column.name, enter: 'choose',
    description: `${decided ? t('{0}, as you decided', inWords(decided)) : column.personal ?? column.kind} · ${column.modelledAs}${column.missing ? ` · ${t('{0} missing', count(column.missing))}` : ''}`,
    detail: warn && firstSentence(warn.message),
    actions: [...(decided ? [undo] : []), ...fixes.filter((fix) => useful(fix, column))],
  };
}

/** What a row has no room for is told by the list of ways to treat a column, by Inspect Table, and by the report. */
const firstPart = (text: string) => firstSentence(text).replace(/; .*/s, '.');

/** Step 2: how many rows; what the user types becomes an item of its own. */
export function howManyRows(profile: TableProfile, typed = ''): Item[] {
  const n = profile.rows;
  const own = /^\d[\d,_ ]*$/.test(typed.trim()) ? Number(typed.replace(/\D/g, '')) : undefined;
  const items: Item[] = [{ label: plural(n, '{0} row', '{0} rows'), description: t('as many as the real table'), choice: {} }];
  if (n >= 20) items.push({ label: plural(Math.round(n / 10), '{0} row', '{0} rows'), description: t('a tenth'), choice: { rows: Math.round(n / 10) } });
  items.push({ label: plural(2 * n, '{0} row', '{0} rows'), description: t('twice as many'), choice: { rows: 2 * n } });
  items.push({ label: plural(10 * n, '{0} row', '{0} rows'), description: t('ten times as many'), choice: { rows: 10 * n } });
  if (own && own <= 1e9 && !items.some((item) => item.label === plural(own, '{0} row', '{0} rows'))) items.unshift({ label: plural(own, '{0} row', '{0} rows'), description: t('as typed'), choice: { rows: own } });
  return items;
}

/** "90", "90 s", "5 min", "1.5h" as seconds within what a run accepts; undefined for anything else. */
export function typedDuration(typed: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?)?$/i.exec(typed.trim());
  if (!match) return undefined;
  const unit = (match[2] ?? 's')[0].toLowerCase();
  const seconds = Number(match[1]) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  return seconds >= 1 && seconds <= 86_400 ? seconds : undefined;
}

/** What the user set as theirs; absent is the plan's own default. */
export interface Preferred { generator?: string; budgetSeconds?: number }

/**
 * Step 3: how, and for how long at most; below, the other generators. Small tables stop earlier by themselves.
 * What the user types as a time becomes an item of its own.
 */
export function howAndHowLong(profile: TableProfile, generators: readonly GeneratorInfo[], preferred: Preferred = {}, typed = ''): Item[] {
  const usual = profile.estimate ? t('about {0} in all', duration(profile.estimate.seconds)) : undefined;
  const byId = new Map(generators.map((g) => [g.id, g]));
  const taken = byId.get(preferred.generator ?? '') ?? generators.find((g) => g.isDefault);
  const with_ = taken && preferred.generator === taken.id ? { generator: taken.id } : {};
  const words = typed.trim().toLowerCase();
  const fits = (item: Item) => !words || [item.label, item.description, item.detail].some((s) => s?.toLowerCase().includes(words));
  const time: Item[] = [
    { label: `$(dashboard) ${t('Standard')}`, id: '*standard', description: preferred.budgetSeconds ? t('fits for up to {0}, as set', duration(preferred.budgetSeconds)) : usual, detail: taken && (taken.isDefault ? t('{0}: recommended. Stops by itself when there is no more to gain.', taken.name) : `${taken.name}. ${firstSentence(taken.summary)}`), choice: { ...with_, ...(preferred.budgetSeconds && { budgetSeconds: preferred.budgetSeconds }) } },
    { label: `$(zap) ${t('Quick')}`, description: t('fits for up to {0}', duration(10)), detail: t('A first look; less faithful on large tables.'), choice: { ...with_, budgetSeconds: 10 } },
    { label: `$(beaker) ${t('Thorough')}`, description: t('fits for up to {0}', duration(300)), detail: t('For large tables. Fitting stops earlier when the validation loss stops falling.'), choice: { ...with_, budgetSeconds: 300 } },
  ];
  const own = typedDuration(typed);
  if (own) time.unshift({ label: `$(watch) ${t('For up to {0}', duration(own))}`, description: t('as typed'), detail: taken?.name, choice: { ...with_, budgetSeconds: own } });
  const shown = own ? time : time.filter(fits);
  // `auto` looks at the table before it chooses: it is the first of the others.
  const others = generators.filter((g) => g !== taken).sort((a, b) => Number(b.id === 'auto') - Number(a.id === 'auto'));
  const rows = others.map((g): Item => ({
    label: `${g.id === 'auto' ? '$(wand)' : '$(circuit-board)'} ${g.name}`, description: g.id === 'auto' ? t('chosen for this table') : `${g.id} · ${g.family}`, detail: firstSentence(g.summary),
    choice: { generator: g.id, ...(preferred.budgetSeconds && { budgetSeconds: preferred.budgetSeconds }) },
  })).filter((item) => !own && fits(item));
  return [...shown, ...(rows.length ? [{ label: t('Other generators'), separator: true }, ...rows] : [])];
}

/** Whether a generator divides the table into contexts by columns that the user may name. */
export const byContexts = (id: string | undefined): boolean => id === 'ca-dasg';
/** Columns that may: categories first, a context each; then what is cut into bins or periods. Names are told between commas, so that one with a comma cannot be told. */
export function contextColumns(profile: TableProfile, dropped: ReadonlySet<string>): Array<{ name: string; kind: string; inBins: boolean }> {
  const whole = ['boolean', 'category', 'ordinal'], cut = ['integer', 'real', 'date', 'datetime'];
  const of = (kinds: readonly string[], inBins: boolean) => profile.columns.filter((c) => kinds.includes(c.kind) && !dropped.has(c.name) && !c.name.includes(',')).map(({ name, kind }) => ({ name, kind, inBins }));
  return [...of(whole, false), ...of(cut, true)];
}
