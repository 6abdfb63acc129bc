import { basename } from 'node:path';
import { UserError } from '../errors';
import { mostOutlying } from '../evaluation/privacy/membership-core';
import { encode } from '../evaluation/privacy/encode';
import { shadowAttack, type ShadowResult } from '../evaluation/privacy/shadow/shadow';
import { makeView } from '../evaluation/view';
import { openDevice } from '../engine';
import { findGenerator } from '../generators/registry';
import { nearest } from '../learners/neighbours';
import { shuffledRows, Stream } from '../random';
import type { ColumnOverride, DeviceChoice } from '../protocol';
import { modelledNames } from '../targets/release/parts';
import { understand } from '../targets/release/read';
import type { Table } from '../table/table';
import { nextGeneration } from './laboratory/generation';

/** What a shadow-model attack is asked to do. Paths are absolute. */
export interface AttackRequest {
  path: string; generator: string; columns: Record<string, ColumnOverride>;
  /** How many people are attacked: half of them the most unusual, half at random. Or which rows, from 0. */
  targets: number; rowsAttacked?: readonly number[];
  fits: number; rows: number; budgetSeconds: number; seed: number; device: DeviceChoice;
  progress(fraction: number, message: string): Promise<void>;
}
export interface AttackResult extends ShadowResult { generator: string; chosen: Record<number, 'unusual' | 'random' | 'named'> }

/**
 * A shadow-model attack (evaluation/privacy/shadow) on a generator as a user would run it, value protection aside: it is switched off, so that the generator itself is
 * attacked. Everything is computed in this process.
 * @throws UserError for a table that cannot be read, or is too small for tables of so many rows
 */
export async function attackTable(request: AttackRequest): Promise<AttackResult> {
  const { path, seed } = request;
  if (!findGenerator(request.generator)) throw new UserError(`There is no generator "${request.generator}".`, {}, 'See "understudy generators".', 'usage');
  const { source, profile } = await understand({ path, columns: request.columns }), names = modelledNames(source), real = source.select(names);
  if (names.length === 0) throw new UserError('has no column that is learnt.', { file: basename(path) }, 'Declare one with --column NAME=category.');
  const chosen = request.rowsAttacked ? Object.fromEntries(request.rowsAttacked.map(r => [r, 'named' as const])) : await choose(real, request.targets, seed, request.device), targets = Int32Array.from(Object.keys(chosen), Number);
  const outside = targets.find(r => r < 0 || r >= real.rows);
  if (outside !== undefined) throw new UserError(`has no row ${outside + 1}: it has ${real.rows}.`, { file: basename(path) }, undefined, 'usage');
  if (request.rows + targets.length > real.rows - targets.length) throw new UserError(`has ${real.rows} rows: too few to draw ${request.rows} others for every fit.`, { file: basename(path) }, `Give at most --rows ${Math.max(0, real.rows - 2 * targets.length)}.`, 'usage');
  const outcome = profile.outcome && names.includes(profile.outcome.column) ? profile.outcome.column : undefined;
  const result = await shadowAttack({
    real, targets, fits: request.fits, rows: request.rows, seed, device: request.device, progress: (f, message) => request.progress(f, message),
    refit: (training, s) => nextGeneration({ plan: { budgetSeconds: request.budgetSeconds, device: request.device }, generator: request.generator, training, outcome, rows: training.rows, seed: s, breathe: async () => undefined }),
  });
  return { ...result, generator: request.generator, chosen };
}

/** Half the most outlying of at most 20,000 rows, half at random among the others. */
async function choose(real: Table, count: number, seed: number, device: DeviceChoice): Promise<Record<number, 'unusual' | 'random'>> {
  const rows = shuffledRows(seed, 'attack candidates', real.rows).slice(0, 20_000).sort(), some = real.take(rows);
  const { width, parts } = encode(makeView({ training: some, synthetic: some.take([]) })), points = { rows: some.rows, width, values: parts.training };
  const k = Math.min(5, some.rows - 1), { distances } = await nearest(points, points, { k, excludeSelf: true, device: await openDevice(device) });
  const outlying = Float64Array.from({ length: some.rows }, (_, i) => { let s = 0; for (let j = 0; j < k; j++) s += distances[i * k + j]; return s; });
  const unusual = Array.from(mostOutlying(outlying, 1).subarray(0, Math.ceil(count / 2)), i => rows[i]), taken = new Set(unusual);
  const random = Array.from(new Stream(seed, 'attack targets').shuffle(rows.slice())).filter(r => !taken.has(r)).slice(0, Math.floor(count / 2));
  return Object.fromEntries([...unusual.map(r => [r, 'unusual' as const]), ...random.map(r => [r, 'random' as const])]);
}
