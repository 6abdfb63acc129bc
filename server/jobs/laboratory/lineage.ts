import { basename, join, resolve } from 'node:path';
import { lacksRare, rareCells } from '../../evaluation/collapse/marks';
import { isExtract, resaved } from '../../evaluation/collapse/resaved';
import { makeView } from '../../evaluation/view';
import { UserError } from '../../errors';
import type { RunRecord } from '../../protocol';
import { makeTable, readIpc } from '../../table/columns';
import { refineKinds } from '../../table/kinds';
import { readTable } from '../../table/read';
import type { Table } from '../../table/table';
import { conform } from '../../targets/conform';
import { modelledNames } from '../../targets/release/parts';
import { fileState } from '../../targets/source';
import { files } from '../store';

/** Files larger than this are not looked into; so many real tables, and outputs of each, are, newest first. */
const mostBytes = 200e6, mostSources = 3, mostOutputs = 3;

/**
 * Looks for a table among the outputs of known runs, and for the marks of collapse beside their real tables.
 * @param made finished runs, newest first
 * @returns what speaks against the table, in words that follow its name; undefined where nothing does, and where it is a run's own real table or an extract of one
 */
export async function lineageOf(path: string, made: readonly RunRecord[]): Promise<string | undefined> {
  const bySource = new Map<string, RunRecord[]>();
  for (const run of made) if (resolve(run.source) !== resolve(path)) bySource.set(run.source, [...(bySource.get(run.source) ?? []), run]);
  if (!bySource.size) return undefined;
  const asked = await table(path);
  let looked = 0, marks: string | undefined;
  for (const [source, runs] of asked ? bySource : []) {
    if (looked === mostSources) break;
    const real = await again(source, async () => { const read = await table(source); return read && refineKinds(read); });
    if (!real) continue;
    const names = shared(real, asked!);
    if (!names) continue;
    looked++;
    const own = alike(asked!, real, names, path);
    if (!own) continue;
    for (const run of runs.slice(0, mostOutputs)) {
      const output = await outputOf(run), both = output && shared(real, output), made = both && alike(output, real, own.names.filter(n => both.includes(n)), run.out ?? run.id);
      if (!made || made.names.length < 2) continue;
      const found = resaved(makeView({ training: real.select(made.names), synthetic: made.table, control: own.table.select(made.names) }));
      if (found) return `holds rows that run ${run.id} made of ${basename(source)}: ${count(found.inOutput)} of ${count(found.rows)}${found.without === undefined ? '' : ` (but for "${found.without}", which was changed)`}, where ${percent(found.chance)} of the real rows coincide with them`;
    }
    const view = makeView({ training: real.select(own.names), synthetic: own.table });
    if (isExtract(view, 'synthetic')) return undefined;
    const rare = rareCells(view);
    if (!lacksRare(rare)) continue;
    const most = [...rare.columns].sort((a, b) => b.cells - 2 * b.held - (a.cells - 2 * a.held)).slice(0, 3).map(c => `"${c.name}" ${c.held} of ${c.cells}`);
    marks ??= `lacks what is rare: of ${count(rare.cells)} rare values and extremes in ${count(rare.rows)} rows of ${basename(source)} and as many of it, it holds ${count(rare.held)} (${most.join(', ')}; two real samples share them equally, p = ${rare.p.toPrecision(1)}); either it was made by a generator, or rare values were cut from it (anonymised, filtered)`;
  }
  return marks;
}

const count = (n: number) => n.toLocaleString('en'), percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;

/** @returns undefined where the file is gone, too large, or no table */
async function table(path: string): Promise<Table | undefined> {
  try {
    return (await fileState(path)).bytes > mostBytes ? undefined : await readTable(path);
  } catch {
    return undefined;
  }
}

/** What a run made: as its folder keeps it, also where the user's own file is gone or was written to since; else that file. */
async function outputOf(run: RunRecord): Promise<Table | undefined> {
  const kept = join(run.folder, files.synthetic), read = await again(kept, async () => ((await fileState(kept)).bytes > mostBytes ? undefined : await readIpc(kept)));
  return read ?? (run.out === undefined ? undefined : again(run.out, () => table(run.out!)));
}

/** Real tables and outputs are asked about with every file of their folder that is opened: the last few small ones are kept while their files stay as they are. */
const lately = new Map<string, { stamp: string; table: Table }>(), mostKept = 6, mostKeptBytes = 20e6;

/** @returns undefined where it cannot be read */
async function again(path: string, read: () => Promise<Table | undefined>): Promise<Table | undefined> {
  try {
    const { bytes, modifiedMs } = await fileState(path), stamp = `${bytes} ${modifiedMs}`, known = lately.get(path);
    lately.delete(path);
    const value = known?.stamp === stamp ? known.table : await read();
    if (value && bytes <= mostKeptBytes) lately.set(path, { stamp, table: value });
    if (lately.size > mostKept) lately.delete(lately.keys().next().value!);
    return value;
  } catch {
    return undefined;
  }
}

/** The real table's modelled columns that the other has too: two at least, and three quarters of them. */
function shared(real: Table, other: Table): string[] | undefined {
  const all = modelledNames(real), there = new Set(other.schema.columns.map(c => c.name)), names = all.filter(n => there.has(n));
  return names.length >= 2 && names.length >= 0.75 * all.length ? names : undefined;
}

/** The other table as the real one is, without columns whose cells cannot be what the real one's are; undefined where more than a quarter cannot. */
function alike(other: Table, real: Table, names: readonly string[], path: string): { table: Table; names: string[] } | undefined {
  const columns = names.flatMap(name => {
    try { return conform(other, real, [name], path).columns; } catch (error) { if (error instanceof UserError) return []; throw error; }
  });
  return columns.length >= 2 && columns.length >= 0.75 * names.length ? { table: makeTable(real.schema.dialect, columns, other.rows), names: columns.map(c => c.schema.name) } : undefined;
}
