import { basename, dirname } from 'node:path';
import { UserError } from '../../errors';
import type { RunRecord, TableProfile } from '../../protocol';
import type { Table } from '../../table/table';
import { sha256 } from '../../targets/source';
import { nearestStore } from '../store';
import { lineageOf } from './lineage';
import { Look } from './look';

/**
 * Whether a table that somebody is about to learn is itself synthetic, as far as the runs near by (the nearest `.understudy`) tell. In this order:
 * 1. its bytes are the output of a run;
 * 2. its name is one that our outputs get;
 * 3. its rows are those of a run's output, re-saved, shuffled, cut or edited by another program (Fisher's and McNemar's exact tests, evaluation/collapse/resaved.ts);
 * 4. it lacks what is rare in a run's real table with the same columns, the mark of collapse and of value protection (a permutation test of rows, exact under exchangeability,
 *    and a large effect in more than one column, evaluation/collapse/marks.ts). A real table that was anonymised or filtered can lack it too, and the sentence says so.
 * Of 642 real tables beside runs of other parts of theirs none was flagged by 3 or 4: at most 0.47% (one-sided 95%; lineage.slow.ts, `npx vitest run -c vitest.slow.config.ts lineage`).
 * What is learnt from stand-ins loses rare values with every generation, which no figure of that run can show: its "real" rows are not.
 * A failure to find out is never a failure of what asks. The same answer is given without a look into the tables as long as the runs and the files that it rests on stay as they are.
 * @param of.read the table, where who asks has read it @param of.look that question; one that noted how the file was before it was read, where it was. What its `breathe` throws is thrown
 * @returns a sentence for the user; undefined for a table that nothing is known of
 */
export async function standInNote(path: string, of: Asked = {}): Promise<string | undefined> {
  const name = basename(path), store = await nearestStore(dirname(path)), made = (await store?.list() ?? []).filter(r => r.kind === 'synthesize' && r.outSha256);
  const why = made.length ? await again(path, made, of) : byName(name);
  return why && `${name} ${why}. What is learnt from such a table loses more of the real one with every generation: learn the real one where you can ("understudy collapse" shows what is lost).`;
}

interface Asked { look?: Look; read?: () => Promise<Table> }

const byName = (name: string) => (/\.synthetic(-\d+)?\.[a-z.]+$/i.test(name) ? 'is named as stand-ins are: it is synthetic' : undefined);

/** What was found of tables lately asked about, among which runs, and the files that were looked at. */
const lately = new Map<string, { runs: string; look: Look; why: string | undefined }>(), mostKept = 200;

async function again(path: string, made: readonly RunRecord[], { look = new Look(), read }: Asked): Promise<string | undefined> {
  const runs = made.map(r => [r.id, r.outSha256, r.source, r.out].join('\n')).join('\n\n'), known = lately.get(path);
  if (known?.runs === runs && (await known.look.holds())) return known.why;
  await look.stamp(path);
  const hash = await sha256(path).catch(() => undefined), run = hash && made.find(r => r.outSha256 === hash);
  let why: string | undefined;
  try {
    why = run ? `is what run ${run.id} made of ${basename(run.source)}: it is synthetic` : byName(basename(path)) ?? (await lineageOf(path, made, look, read));
  } catch (error) {
    if (error instanceof UserError && error.code === 'cancelled') throw error;
    return undefined;
  }
  lately.delete(path);
  lately.set(path, { runs, look, why });
  if (lately.size > mostKept) lately.delete(lately.keys().next().value!);
  return why;
}

/** A profile that says so. */
export const flagged = (profile: TableProfile, standIn: string): TableProfile => ({ ...profile, standIn, notes: [standIn, ...profile.notes] });
