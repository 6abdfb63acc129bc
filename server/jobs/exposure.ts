import type { ExposedRows } from '../evaluation/privacy/exposed-rows';
import type { ExposureHeader } from '../protocol';
import { framed, unframed } from './framed';

/** How the file begins. */
export const exposureMagic = 'UEX1';

/**
 * `exposure.bin`, framed: a header with the most exposed rows and why, then of every scored row the source's row (uint32) and the exposure in nats (float32). The header alone is read to show rows.
 * @param sourceRows the source's row of each training row; default: the same
 */
export function encodeExposure(exposed: ExposedRows, sourceRows?: ArrayLike<number>): Uint8Array {
  const at = (r: number) => (sourceRows ? sourceRows[r] : r), { row, nats } = exposed;
  const head: ExposureHeader = { version: 1, scored: row.length, realRows: exposed.realRows, how: exposed.how, chance: exposed.chance, every: exposed.every, most: exposed.most.map((m) => ({ ...m, row: at(m.row), nats: Number(m.nats.toPrecision(5)) })) };
  const { out, body } = framed(exposureMagic, head, 8 * row.length);
  let to = body;
  for (const r of row) to = out.writeUInt32LE(at(r), to);
  for (const n of nats) to = out.writeFloatLE(n, to);
  return out;
}

/** @returns undefined for bytes that are not those of `encodeExposure`. */
export function decodeExposure(bytes: Uint8Array): { header: ExposureHeader; row: Uint32Array; nats: Float32Array } | undefined {
  try {
    const read = unframed<ExposureHeader>(exposureMagic, bytes);
    if (!read) return undefined;
    const { header, data, body: from } = read, n = header.scored;
    if (header.version !== 1 || data.length !== from + 8 * n) return undefined;
    return { header, row: Uint32Array.from({ length: n }, (_, i) => data.readUInt32LE(from + 4 * i)), nats: Float32Array.from({ length: n }, (_, i) => data.readFloatLE(from + 4 * n + 4 * i)) };
  } catch {
    return undefined;
  }
}
