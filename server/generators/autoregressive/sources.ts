/** Which columns a column's network sees in a wide table. */
import type { Layout } from './layout';

/** Rows and codes enough to rank associations by; exactness is not needed for a choice. */
const sampleRows = 1500, mostCodes = 6, mostCandidates = 256;

/**
 * For every column the `count` most associated among those drawn before it (mutual information of codes coarsened to six
 * levels, on at most 1,500 rows; candidates are the 256 nearest predecessors), padded by repeating the column itself, which
 * a visibility mask always hides. int32 [columns, count].
 */
export function chooseSources(layout: Layout, leaves: Int32Array, count: number): Int32Array {
  const C = layout.columns.length, rows = leaves.length / C, n = Math.min(rows, sampleRows);
  const coarse = layout.columns.map((c, i) => {
    // Leaves to six levels of about equal mass; a missing cell keeps a level of its own by lying at the end.
    const level = new Uint8Array(c.leaves);
    for (let l = 0, mass = 0; l < c.leaves; l++) { level[l] = Math.min(mostCodes - 1, Math.floor(mass * mostCodes)); mass += c.share[l]!; }
    return Uint8Array.from({ length: n }, (_, r) => level[leaves[Math.floor((r * rows) / n) * C + i]!]!);
  });
  const out = new Int32Array(C * count), joint = new Float64Array(mostCodes * mostCodes);
  layout.order.forEach((target, place) => {
    const candidates = layout.order.slice(Math.max(0, place - mostCandidates), place);
    const ranked = [...candidates].map((c) => [information(coarse[target]!, coarse[c]!, joint), c] as const).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    for (let k = 0; k < count; k++) out[target * count + k] = ranked[k]?.[1] ?? target;
  });
  return out;
}

/** Mutual information of two coded columns, in nats. */
function information(a: Uint8Array, b: Uint8Array, joint: Float64Array): number {
  joint.fill(0);
  for (let i = 0; i < a.length; i++) joint[a[i]! * mostCodes + b[i]!]!++;
  const left = new Float64Array(mostCodes), right = new Float64Array(mostCodes), n = a.length;
  joint.forEach((v, i) => { left[Math.floor(i / mostCodes)]! += v; right[i % mostCodes]! += v; });
  let sum = 0;
  joint.forEach((v, i) => { if (v > 0) sum += (v / n) * Math.log((v * n) / (left[Math.floor(i / mostCodes)]! * right[i % mostCodes]!)); });
  return sum;
}
