/**
 * Every random number of ours: AES-256-CTR keystreams (NIST SP 800-38A). Counter mode makes every word addressable, so any step or range of rows can be
 * drawn again or resumed exactly, in any order and any chunking. A leaf: the table layer and the engine both build on it.
 * Not for privacy noise, whose key is never stored; see DESIGN.
 */
import { createCipheriv, createHash, hkdfSync } from 'node:crypto';

let zero = Buffer.alloc(0);
const zeroes = (n: number): Buffer => { if (zero.length < n) zero = Buffer.alloc(n); return zero.subarray(0, n); };
const maxBytes = 1 << 26;

/** Keystream bytes [offset, offset + length) of a key: AES of the big-endian 128-bit block counter, starting at block 0. */
function keystream(key: Uint8Array, offset: number, length: number): Uint8Array {
  const out = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; done += maxBytes) {
    const from = offset + done, n = Math.min(maxBytes, length - done), skip = from % 16;
    const counter = Buffer.alloc(16);
    counter.writeBigUInt64BE(BigInt((from - skip) / 16), 8);
    const c = createCipheriv('aes-256-ctr', key, counter);
    if (skip) c.update(Buffer.alloc(skip));
    c.update(zeroes(n)).copy(out, done);
  }
  return new Uint8Array(out.buffer, out.byteOffset, length);
}

/** Bytes of a seed: 32-byte keys as they are; numbers as 8 little-endian bytes of a (wrapped) 64-bit integer. */
function seedBytes(seed: number | bigint | Uint8Array): Uint8Array {
  if (seed instanceof Uint8Array) return seed;
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw new Error(`KeyStream: seed ${seed} is not an integer`);
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt.asUintN(64, BigInt(seed)));
  return b;
}

/** An addressable stream, keyed by HKDF-SHA-256 (RFC 5869) of the seed with the stream's name as `info`: for whatever must be resumed in the middle. */
export class KeyStream {
  private readonly key: Buffer;
  /** @param seed the run's seed, or key bytes; @param name what the stream is for: different names, independent streams */
  constructor(private readonly seed: number | bigint | Uint8Array, readonly name: string) {
    this.key = Buffer.from(hkdfSync('sha256', seedBytes(seed), 'understudy', name, 32));
  }
  /** An independent stream. */
  child(name: string): KeyStream { return new KeyStream(this.seed, `${this.name}/${name}`); }

  /** Keystream bytes [offset, offset + length). */
  bytes(offset: number, length: number): Uint8Array { return keystream(this.key, offset, length); }
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

/**
 * The same as one sequence, for whatever draws a number at a time: keyed by SHA-256 of a seed and a label, so that every use (a column, a split) has a stream
 * of its own and adding one never shifts another.
 */
export class Stream {
  private readonly key: Uint8Array;
  private offset = 0;
  private block: Uint32Array = new Uint32Array(0);
  private at = 0;

  constructor(seed: number | string, label: string) {
    this.key = createHash('sha256').update(`understudy\0${seed}\0${label}`).digest();
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.at === this.block.length) {
      // Small at first (most columns want few numbers), then large: one call into OpenSSL costs more than its bytes.
      const length = this.offset === 0 ? 256 : 65536, bytes = keystream(this.key, this.offset, length);
      this.offset += length;
      this.block = new Uint32Array(bytes.buffer, bytes.byteOffset, length / 4);
      this.at = 0;
    }
    return this.block[this.at++];
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number { return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992; }

  /** A whole number in [0, n), exactly uniform: draws from the incomplete last span are rejected. n <= 2^32. */
  below(n: number): number {
    if (!(n >= 1)) throw new RangeError(`Stream.below(${n})`);
    const limit = 4294967296 - (4294967296 % n);
    let x = this.uint32();
    while (x >= limit) x = this.uint32();
    return x % n;
  }

  pick<T>(items: ArrayLike<T>): T { return items[this.below(items.length)]; }

  /** Fisher and Yates, in place. */
  shuffle<A extends { [i: number]: number; readonly length: number }>(items: A): A {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1), t = items[i];
      items[i] = items[j]; items[j] = t;
    }
    return items;
  }
}

/**
 * The rows 0..n-1 in a random order that depends only on seed and name; its first k are k rows drawn without repetition. Drawn from a `Stream`: `permutation` of the learners gives another order under the same seed and name.
 */
export const shuffledRows = (seed: number | string, name: string, n: number): Int32Array => new Stream(seed, name).shuffle(Int32Array.from({ length: n }, (_, i) => i));
