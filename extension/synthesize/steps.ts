/** What the three steps of Synthesize offer, as data: each step's first item is its default. No `vscode` here. */
import path from 'node:path';
import type { ColumnProfile, SynthesizeRequest, TableProfile } from '../../server/protocol';
import { bytes, count, duration, plural } from '../words';

export interface Item { label: string; description?: string; detail?: string; separator?: boolean; choice?: Partial<SynthesizeRequest> }

const icons: Record<string, string> = { error: '$(error)', warning: '$(warning)', information: '$(info)' };
const rank: Record<string, number> = { error: 0, warning: 1, information: 2 };
const worst = (column: ColumnProfile) => Math.min(3, ...column.warnings.map((w) => rank[w.severity]));

/** Step 1: go on, above what every column is taken for, those with warnings first. */
export function whatIsModelled(profile: TableProfile): Item[] {
  const warned = profile.columns.filter((c) => c.warnings.length);
  const { estimate } = profile;
  const cost = estimate ? `about ${duration(estimate.seconds)}, ${bytes(estimate.memoryBytes)} of memory` : '';
  const items: Item[] = [{
    label: `$(play) Model ${plural(profile.columns.length, 'column')} of ${path.basename(profile.path)}`,
    description: [plural(profile.rows, 'row'), cost].filter(Boolean).join(' · '),
    detail: warned.length ? `${plural(warned.length, 'column')} to look at below. Enter goes on.` : 'Every column can be modelled. Enter goes on.',
    choice: {},
  }];
  for (const note of profile.notes) items.push({ label: `$(info) ${note}`, choice: {} });
  const columns = [...profile.columns].sort((a, b) => worst(a) - worst(b) || a.index - b.index);
  let section = '';
  for (const column of columns) {
    const next = column.warnings.length ? 'Look at these' : 'As expected';
    if (next !== section) items.push({ label: section = next, separator: true });
    const [first] = [...column.warnings].sort((a, b) => rank[a.severity] - rank[b.severity]);
    items.push({
      label: `${first ? icons[first.severity] : '$(symbol-field)'} ${column.name}`,
      description: `${column.personal ?? column.kind} · ${column.modelledAs}${column.missing ? ` · ${count(column.missing)} missing` : ''}`,
      detail: first && `${first.message}${first.suggestion ? ` ${first.suggestion}` : ''}`,
      choice: {},
    });
  }
  return items;
}

/** Step 2: how many rows; what the user types becomes an item of its own. */
export function howManyRows(profile: TableProfile, typed = ''): Item[] {
  const n = profile.rows;
  const own = /^\d[\d,_ ]*$/.test(typed.trim()) ? Number(typed.replace(/\D/g, '')) : undefined;
  const items: Item[] = [{ label: plural(n, 'row'), description: 'as many as the real table', choice: {} }];
  if (n >= 20) items.push({ label: plural(Math.round(n / 10), 'row'), description: 'a tenth', choice: { rows: Math.round(n / 10) } });
  items.push({ label: plural(2 * n, 'row'), description: 'twice as many', choice: { rows: 2 * n } });
  items.push({ label: plural(10 * n, 'row'), description: 'ten times as many', choice: { rows: 10 * n } });
  if (own && own <= 1e9 && !items.some((item) => item.label === plural(own, 'row'))) items.unshift({ label: plural(own, 'row'), description: 'as typed', choice: { rows: own } });
  return items;
}

/** Step 3: how long it may fit. The budget is an upper bound; small tables stop earlier by themselves. */
export function howLong(profile: TableProfile): Item[] {
  const usual = profile.estimate ? `about ${duration(profile.estimate.seconds)} in all` : undefined;
  return [
    { label: '$(dashboard) Standard', description: usual, detail: 'The default generator with its default time for fitting.', choice: {} },
    { label: '$(zap) Quick', description: 'fits for up to 10 s', detail: 'A first look; less faithful on large tables.', choice: { budgetSeconds: 10 } },
    { label: '$(beaker) Thorough', description: 'fits for up to 5 min', detail: 'For large tables. Fitting stops earlier when the validation loss stops falling.', choice: { budgetSeconds: 300 } },
  ];
}
