import type { ExposedRows } from '../evaluation/privacy/exposed-rows';
import type { ExposureHeader } from '../protocol';

const magic = 'UEX1';

/**
 * `exposure.bin`: `UEX1`, the length of a JSON header (uint32), the header padded with spaces to four bytes (the most exposed rows and why), then of every scored row the source's
 * row (uint32) and the exposure in nats (float32); all little-endian. The header alone is read to show rows.
 * @param sourceRows the source's row of each training row; default: the same
 */
export function encodeExposure(exposed: ExposedRows, sourceRows?: ArrayLike<number>): Uint8Array {
  const at = (r: number) => (sourceRows ? sourceRows[r] : r), { row, nats } = exposed;
  const head: ExposureHeader = { version: 1, scored: row.length, realRows: exposed.realRows, how: exposed.how, chance: exposed.chance, every: exposed.every, most: exposed.most.map((m) => ({ ...m, row: at(m.row), nats: Number(m.nats.toPrecision(5)) })) };
  let header = JSON.stringify(head);
  header += ' '.repeat((4 - (Buffer.byteLength(header) % 4)) % 4);
  const text = Buffer.from(header), out = Buffer.alloc(8 + text.length + 8 * row.length);
  out.write(magic, 0, 'latin1');
  out.writeUInt32LE(text.length, 4);
  text.copy(out, 8);
  let to = 8 + text.length;
  for (const r of row) to = out.writeUInt32LE(at(r), to);
  for (const n of nats) to = out.writeFloatLE(n, to);
  return out;
}

/** How many bytes the header takes, from a file's first eight; undefined for another file. */
export function headerBytes(first: Uint8Array): number | undefined {
  const data = Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  return data.length >= 8 && data.toString('latin1', 0, 4) === magic ? data.readUInt32LE(4) : undefined;
}

/** @returns undefined for bytes that are not those of `encodeExposure`. */
export function decodeExposure(bytes: Uint8Array): { header: ExposureHeader; row: Uint32Array; nats: Float32Array } | undefined {
  const length = headerBytes(bytes), data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const header = JSON.parse(data.toString('utf8', 8, 8 + length!)) as ExposureHeader, n = header.scored, from = 8 + length!;
    if (header.version !== 1 || data.length !== from + 8 * n) return undefined;
    return { header, row: Uint32Array.from({ length: n }, (_, i) => data.readUInt32LE(from + 4 * i)), nats: Float32Array.from({ length: n }, (_, i) => data.readFloatLE(from + 4 * n + 4 * i)) };
  } catch {
    return undefined;
  }
}
