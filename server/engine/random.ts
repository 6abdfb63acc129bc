/**
 * Random streams: an AES-256-CTR keystream (NIST SP 800-38A) whose key is HKDF-SHA-256 (RFC 5869) of the seed, with the
 * stream's name as `info`. Counter mode makes every word addressable, so any step or range of rows can be drawn again
 * or resumed exactly, in any order and any chunking.
 */
import { createCipheriv, hkdfSync } from 'node:crypto';

/** Bytes of a seed: 32-byte keys as they are; numbers as 8 little-endian bytes of a (wrapped) 64-bit integer. */
function seedBytes(seed: number | bigint | Uint8Array): Uint8Array {
  if (seed instanceof Uint8Array) return seed;
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw new Error(`KeyStream: seed ${seed} is not an integer`);
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt.asUintN(64, BigInt(seed)));
  return b;
}
const maxBytes = 1 << 26;

export class KeyStream {
  private readonly key: Buffer;
  /** @param seed the run's seed, or key bytes; @param name what the stream is for: different names, independent streams */
  constructor(private readonly seed: number | bigint | Uint8Array, readonly name: string) {
    this.key = Buffer.from(hkdfSync('sha256', seedBytes(seed), 'understudy', name, 32));
  }
  /** An independent stream. */
  child(name: string): KeyStream { return new KeyStream(this.seed, `${this.name}/${name}`); }

  /** Keystream bytes [offset, offset + length): AES of the big-endian 128-bit block counter, starting at block 0. */
  bytes(offset: number, length: number): Uint8Array {
    const out = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; done += maxBytes) {
      const from = offset + done, n = Math.min(maxBytes, length - done), skip = from % 16;
      const counter = Buffer.alloc(16);
      counter.writeBigUInt64BE(BigInt((from - skip) / 16), 8);
      const c = createCipheriv('aes-256-ctr', this.key, counter);
      if (skip) c.update(Buffer.alloc(skip));
      c.update(zeroes(n)).copy(out, done);
    }
    return new Uint8Array(out.buffer, out.byteOffset, length);
  }
  /** `count` 32-bit words from word `offset`, little-endian, as int32 for the graph. */
  bits(offset: number, count: number): Int32Array { const b = this.bytes(offset * 4, count * 4); return new Int32Array(b.buffer, b.byteOffset, count); }
  /** Uniforms in (0,1): (53 bits + 1/2) / 2^53 from two words each; `offset` counts draws. */
  uniforms(offset: number, count: number): Float64Array {
    const w = new Uint32Array(this.bits(offset * 2, count * 2).buffer), out = new Float64Array(count);
    for (let i = 0; i < count; i++) out[i] = Math.min((((w[2 * i] >>> 5) * 67108864 + (w[2 * i + 1] >>> 6)) + 0.5) * 2 ** -53, 1 - 2 ** -53);
    return out;
  }
  /** Standard normals, Box-Muller in float64, one per pair of uniforms; `offset` counts draws. */
  normals(offset: number, count: number): Float64Array {
    const u = this.uniforms(offset * 2, count * 2), out = new Float64Array(count);
    for (let i = 0; i < count; i++) out[i] = Math.sqrt(-2 * Math.log(u[2 * i])) * Math.cos(2 * Math.PI * u[2 * i + 1]);
    return out;
  }
  /**
   * Integers in [0, below), without modulo bias: floor(w below / 2^32), words whose low part is under 2^32 mod below being
   * redrawn (Lemire 2019) from a child stream of that draw's own. `offset` counts draws.
   */
  integers(offset: number, count: number, below: number): Int32Array {
    if (!(Number.isInteger(below) && below > 0 && below <= 2 ** 31)) throw new Error(`KeyStream.integers: below ${below}`);
    const w = new Uint32Array(this.bits(offset, count).buffer), out = new Int32Array(count);
    for (let i = 0; i < count; i++) out[i] = unbiased(w[i], below, () => this.child(`again/${offset + i}`));
    return out;
  }
  /** A random order of 0..n-1 (Fisher-Yates); `index` selects which one (e.g. the epoch). */
  permutation(index: number, n: number): Int32Array {
    const p = Int32Array.from({ length: n }, (_, i) => i), s = this.child(`permutation/${index}`);
    const w = n > 1 ? new Uint32Array(s.bits(0, n).buffer) : new Uint32Array(0);
    for (let i = n - 1; i > 0; i--) {
      const j = unbiased(w[i], i + 1, () => s.child(`again/${i}`)), t = p[i];
      p[i] = p[j]; p[j] = t;
    }
    return p;
  }
}
/** floor(word below / 2^32), exact in 48-bit halves; a word in the rejection zone is replaced from the draw's own stream. */
function unbiased(word: number, below: number, again: () => KeyStream): number {
  const reject = 2 ** 32 % below;
  let stream: KeyStream | undefined;
  for (let k = 0; ; k++) {
    const lower = (word & 0xffff) * below, upper = (word >>> 16) * below + Math.floor(lower / 65536);
    if ((upper % 65536) * 65536 + (lower % 65536) >= reject) return Math.floor(upper / 65536);
    stream ??= again();
    word = stream.bits(k, 1)[0] >>> 0;
  }
}
let zero = Buffer.alloc(0);
const zeroes = (n: number): Buffer => { if (zero.length < n) zero = Buffer.alloc(n); return zero.subarray(0, n); };

/**
 * Row indices for steps [from, from + steps) of minibatch training over reshuffled epochs: int32 [steps * batch].
 * A batch may run over from one epoch into the next, so every row is used equally often. Any step range gives the same numbers.
 */
export function epochBatches(stream: KeyStream, rows: number, batch: number, from: number, steps: number): Int32Array {
  const out = new Int32Array(steps * batch);
  for (let k = 0; k < out.length;) {
    const position = from * batch + k, epoch = Math.floor(position / rows), at = position - epoch * rows;
    const order = epochOrder(stream, epoch, rows), n = Math.min(rows - at, out.length - k);
    out.set(order.subarray(at, at + n), k);
    k += n;
  }
  return out;
}
/** The last epoch's order of each stream: chunks of steps mostly stay within one epoch. */
const recent = new WeakMap<KeyStream, { epoch: number; rows: number; order: Int32Array }>();
function epochOrder(stream: KeyStream, epoch: number, rows: number): Int32Array {
  const r = recent.get(stream);
  if (r && r.epoch === epoch && r.rows === rows) return r.order;
  const order = stream.permutation(epoch, rows);
  recent.set(stream, { epoch, rows, order });
  return order;
}
