import { basename, dirname } from 'node:path';
import type { TableProfile } from '../../protocol';
import { sha256 } from '../../targets/source';
import { nearestStore } from '../store';

/**
 * Whether a table that somebody is about to learn is itself synthetic: the output of a run that is known here, byte for byte, or a file named as our outputs are.
 * What is learnt from stand-ins loses rare values with every generation, which no figure of that run can show: its "real" rows are not.
 * @returns a sentence for the user; undefined for a table that nothing is known of
 */
export async function standInNote(path: string): Promise<string | undefined> {
  const name = basename(path), store = await nearestStore(dirname(path)), made = (await store?.list() ?? []).filter(r => r.kind === 'synthesize' && r.outSha256);
  const hash = made.length ? await sha256(path).catch(() => undefined) : undefined, run = hash && made.find(r => r.outSha256 === hash);
  const why = run ? `is what run ${run.id} made of ${basename(run.source)}` : /\.synthetic(-\d+)?\.[a-z.]+$/i.test(name) ? 'is named as stand-ins are' : undefined;
  return why && `${name} ${why}: it is synthetic, and what is learnt from it loses more of the real table with every generation. Learn the real one where you can ("understudy collapse" shows what is lost).`;
}

/** A profile that says so. */
export const flagged = (profile: TableProfile, standIn: string): TableProfile => ({ ...profile, standIn, notes: [standIn, ...profile.notes] });
