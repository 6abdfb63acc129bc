import { createCipheriv, createHash } from 'node:crypto';

/**
 * A reproducible stream of random numbers: the AES-256-CTR keystream under a key derived from a seed and a label, so that
 * every use (a column, a split) has a stream of its own and adding one never shifts another.
 * Not for privacy noise: the seed is stored with the run.
 */
export class Stream {
  private readonly cipher;
  private block = new Uint32Array(0);
  private at = 0;
  private zeros = new Uint8Array(256);

  constructor(seed: number | string, label: string) {
    const key = createHash('sha256').update(`understudy\0${seed}\0${label}`).digest();
    this.cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.at === this.block.length) {
      // Small at first (most columns want few numbers), then large: one call into OpenSSL costs more than its bytes.
      if (this.block.length > 0 && this.zeros.length < 65536) this.zeros = new Uint8Array(65536);
      const bytes = this.cipher.update(this.zeros);
      this.block = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
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
