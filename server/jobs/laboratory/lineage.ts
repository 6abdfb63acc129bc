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
import { files } from '../store';
import { mostBytes, type Look } from './look';

/** So many real tables, and outputs of each, are looked into, newest first. */
const mostSources = 3, mostOutputs = 3;

/**
 * Looks for a table among the outputs of known runs, and for the marks of collapse beside their real tables.
 * @param made finished runs, newest first
 * @param look the question it is part of @param read the asked table, where who asks has read it
 * @returns what speaks against the table, in words that follow its name; undefined where nothing does, and where it is a run's own real table or an extract of one
 */
export async function lineageOf(path: string, made: readonly RunRecord[], look: Look, read: () => Promise<Table> = () => readTable(path)): Promise<string | undefined> {
  const bySource = new Map<string, RunRecord[]>();
  for (const run of made) if (resolve(run.source) !== resolve(path)) bySource.set(run.source, [...(bySource.get(run.source) ?? []), run]);
  if (!bySource.size) return undefined;
  const now = await look.stamp(path), asked = now && now.bytes <= mostBytes ? await read().catch(() => undefined) : undefined;
  if (!asked) return undefined;
  const there = new Set(asked.schema.columns.map(c => c.name));
  let looked = 0, marks: string | undefined;
  for (const [source, runs] of bySource) {
    if (looked === mostSources) break;
    // Most runs of a folder are of other tables: by their columns' names, as the run noted them or as they were found before, these need not be read.
    if (runs.every(r => r.columns && r.columns.filter(n => there.has(n)).length < fewestShared)) continue;
    const before = await look.remembered(source);
    if (before && !shared(before, there)) continue;
    const real = await look.table(source, 'real', async () => refineKinds(await readTable(source)));
    if (!real) continue;
    const modelled = modelledNames(real), names = shared(modelled, there);
    look.remember(source, modelled);
    if (!names) continue;
    looked++;
    const own = alike(asked, real, names, path);
    if (!own) continue;
    for (const run of runs.slice(0, mostOutputs)) {
      const output = await outputOf(run, look), both = output && shared(modelled, new Set(output.schema.columns.map(c => c.name))), made = both && alike(output, real, own.names.filter(n => both.includes(n)), run.out ?? run.id);
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

/** What a run made: as its folder keeps it, also where the user's own file is gone or was written to since; else that file. */
async function outputOf({ folder, out }: RunRecord, look: Look): Promise<Table | undefined> {
  const kept = join(folder, files.synthetic);
  return (await look.table(kept, 'output', () => readIpc(kept))) ?? (out === undefined ? undefined : look.table(out, 'output', () => readTable(out)));
}

/** Columns that two tables have in common at least; and this share of those of the real one that are modelled. */
const fewestShared = 2, leastShared = 0.75;

/** The real table's modelled columns that the other has too, where they are enough. */
function shared(modelled: readonly string[], there: ReadonlySet<string>): string[] | undefined {
  const names = modelled.filter(n => there.has(n));
  return names.length >= fewestShared && names.length >= leastShared * modelled.length ? names : undefined;
}

/** The other table as the real one is, without columns whose cells cannot be what the real one's are; undefined where more than a quarter cannot. */
function alike(other: Table, real: Table, names: readonly string[], path: string): { table: Table; names: string[] } | undefined {
  const columns = names.flatMap(name => {
    try { return conform(other, real, [name], path).columns; } catch (error) { if (error instanceof UserError) return []; throw error; }
  });
  return columns.length >= 2 && columns.length >= 0.75 * names.length ? { table: makeTable(real.schema.dialect, columns, other.rows), names: columns.map(c => c.schema.name) } : undefined;
}
