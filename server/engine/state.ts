/**
 * Saved state: named float32 arrays with a small record, as bytes.
 * Layout (little-endian): "UNDSTATE", uint32 version, uint32 header length, JSON header padded with spaces to a multiple of four,
 * the arrays end to end, SHA-256 of everything before.
 */
import { createHash } from 'node:crypto';
import { UserError } from '../errors';
import { size, type Shape } from './expr';

export interface NamedArray { name: string; shape: Shape; values: Float32Array }
const magic = 'UNDSTATE', version = 1;

export function packState(meta: Record<string, unknown>, arrays: readonly NamedArray[]): Uint8Array {
  let json = JSON.stringify({ meta, arrays: arrays.map((a) => ({ name: a.name, shape: a.shape })) });
  const length = Math.ceil(Buffer.byteLength(json) / 4) * 4;
  json += ' '.repeat(length - Buffer.byteLength(json));
  const head = Buffer.alloc(16);
  head.write(magic, 0, 'latin1');
  head.writeUInt32LE(version, 8);
  head.writeUInt32LE(length, 12);
  const body = Buffer.concat([head, Buffer.from(json), ...arrays.map((a) => Buffer.from(a.values.buffer, a.values.byteOffset, a.values.byteLength))]);
  return new Uint8Array(Buffer.concat([body, createHash('sha256').update(body).digest()]));
}

/** Throws a UserError when the bytes are truncated, altered or of another version. */
export function unpackState(bytes: Uint8Array): { meta: Record<string, unknown>; arrays: NamedArray[] } {
  const bad = (why: string): never => { throw new UserError(`The saved training state cannot be used: ${why}.`, {}, 'Start the run again from the beginning.', 'engine'); };
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (b.length < 48 || b.toString('latin1', 0, 8) !== magic) bad('it is not one');
  if (b.readUInt32LE(8) !== version) bad(`it is of version ${b.readUInt32LE(8)}, not ${version}`);
  const body = b.subarray(0, b.length - 32);
  if (!createHash('sha256').update(body).digest().equals(b.subarray(b.length - 32))) bad('its checksum does not match');
  const length = b.readUInt32LE(12);
  const { meta, arrays } = JSON.parse(b.toString('utf8', 16, 16 + length)) as { meta: Record<string, unknown>; arrays: Array<{ name: string; shape: number[] }> };
  let at = 16 + length;
  return {
    meta,
    arrays: arrays.map(({ name, shape }) => {
      const n = size(shape), values = new Float32Array(n);
      Buffer.from(values.buffer).set(body.subarray(at, at + 4 * n));
      at += 4 * n;
      return { name, shape, values };
    }),
  };
}
