/** Per context: how often it is there and is made, and how far made rows are from real ones. On encoded rows, for the internal report. */
import type { Device } from '../../engine';
import type { ContextFigures } from '../../protocol';
import type { EncodedRows } from '../blocks/spans';
import { apart } from './lags';
import type { Assigned } from './contexts';
import { picked } from './probe';
import { blockRows, Sampler, type Kept } from './sample';

/** Rows made for every context, and the fewest real ones for a distance and for a reference. */
const madeRows = 2 * blockRows, fewest = 10, fewestHeld = 20;

export async function contextFigures(device: Device, kept: Kept, fit: EncodedRows, assigned: Assigned, held: EncodedRows, heldAssigned: Assigned, by: string, seed: number): Promise<ContextFigures> {
  const sampler = await Sampler.open(device, kept), l = kept.modal.layout, contexts = sampler.contexts!, P = contexts.parts.length;
  try {
    const members = (a: Assigned, c: number): number[] => { const out: number[] = []; a.contexts.forEach((v, i) => { if (v === c) out.push(i); }); return out; };
    const list: ContextFigures['list'] = [];
    for (const [c, context] of contexts.list.entries()) {
      const real = members(assigned, c), other = members(heldAssigned, c);
      if (real.length === 0) continue;
      let distance: number | null = null;
      if (real.length >= fewest) {
        const made: EncodedRows[] = [];
        for (let k = 0; k < madeRows / blockRows; k++) made.push(await sampler.block(k + c * (madeRows / blockRows), seed, rowsOf(assigned, real, P)));
        distance = apart(joined(made), subset(fit, real), l);
      }
      list.push({ label: context.label, rows: real.length, share: real.length / fit.rows, made: context.share, distance, ...(other.length >= fewestHeld && distance !== null && { reference: apart(subset(held, other), subset(fit, real), l) }) });
    }
    return { by, distance: 'Mean over columns of the total variation distance (of numbers: over their modes, and the places within them) between made and fitted rows of the context.', list };
  } finally { await sampler.release(); }
}
/** A block's rows in one context, with the parts of its real rows, over and over. */
function rowsOf(assigned: Assigned, real: readonly number[], P: number): Assigned {
  const parts = new Int32Array(blockRows * P), contexts = new Int32Array(blockRows);
  for (let i = 0; i < blockRows; i++) { const at = real[Math.floor((i * real.length) / blockRows) % real.length]!; parts.set(assigned.parts.subarray(at * P, (at + 1) * P), i * P); contexts[i] = assigned.contexts[at]!; }
  return { parts, contexts };
}
function subset(rows: EncodedRows, at: readonly number[]): EncodedRows { const p = picked(rows, undefined, at); return { rows: at.length, alphas: p.alphas as Float32Array, codes: p.codes as Int32Array }; }
function joined(blocks: readonly EncodedRows[]): EncodedRows {
  const alphas = new Float32Array(blocks.reduce((n, b) => n + b.alphas.length, 0)), codes = new Int32Array(blocks.reduce((n, b) => n + b.codes.length, 0));
  let a = 0, c = 0;
  for (const b of blocks) { alphas.set(b.alphas, a); codes.set(b.codes, c); a += b.alphas.length; c += b.codes.length; }
  return { rows: blocks.reduce((n, b) => n + b.rows, 0), alphas, codes };
}
