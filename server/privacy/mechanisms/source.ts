import { randomFillSync } from 'node:crypto';
import { KeyStream } from '../../random';

const blockBytes = 1 << 16;

/**
 * Random bits for noise and batch membership under differential privacy: the operating system's generator, through node:crypto, so that nothing on disk can give them
 * again (a stored seed would let whoever has it subtract the noise and see who was sampled). Only tests pass a key, and then the bits repeat.
 */
export class NoiseSource {
  private readonly stream?: KeyStream;
  private block: Buffer = Buffer.alloc(0);
  /** The block as words, of which a training step takes millions. Every machine that Node 20 runs this on is little-endian. */
  private words: Uint32Array = new Uint32Array(0);
  private at = 0;
  private offset = 0;
  /** @param testKey 32 bytes, in tests alone */
  constructor(testKey?: Uint8Array | KeyStream) {
    if (!testKey) return;
    if (testKey instanceof KeyStream) { this.stream = testKey; return; }
    if (testKey.length !== 32) throw new Error(`NoiseSource: a key of ${testKey.length} bytes`);
    this.stream = new KeyStream(testKey, 'privacy noise');
  }

  /** A source for one purpose. Under a test key its bits are a function of key and purpose, so that what one purpose draws moves no other's; else it is this one. */
  fork(purpose: string): NoiseSource { return this.stream ? new NoiseSource(this.stream.child(purpose)) : this; }

  private take(bytes: number): number {
    if (this.at + bytes > this.block.length) {
      if (this.block.length === 0) {
        this.block = Buffer.alloc(blockBytes);
        this.words = new Uint32Array(this.block.buffer, this.block.byteOffset, this.block.length >>> 2);
      }
      // In place: what was used is not left lying in memory.
      if (this.stream) this.block.set(this.stream.bytes(this.offset, blockBytes)); else randomFillSync(this.block);
      this.offset += blockBytes;
      this.at = 0;
    }
    const from = this.at;
    this.at += bytes;
    return from;
  }

  uint32(): number {
    const from = this.take(4);
    return from & 3 ? this.block.readUInt32LE(from) : this.words[from >>> 2]!;
  }

  /** Words, many at once and straight into the caller's array, who sees to it that they do not lie there longer than they must. */
  fill(words: Uint32Array): void {
    if (!this.stream) { randomFillSync(words); return; }
    const bytes = this.stream.bytes(this.offset, words.byteLength);
    new Uint8Array(words.buffer, words.byteOffset, words.byteLength).set(bytes);
    this.offset += words.byteLength;
  }

  bit(): boolean { const from = this.take(1); return (this.block[from] & 1) === 1; }

  /** A whole number in [0, n), exactly uniform, by rejection; n >= 1. */
  below(n: bigint): bigint {
    if (n < 1n) throw new RangeError(`NoiseSource.below(${n})`);
    if (n === 1n) return 0n;
    if (n <= 4294967296n) {
      const m = Number(n), limit = 4294967296 - (4294967296 % m);
      for (;;) { const x = this.uint32(); if (x < limit) return BigInt(x % m); }
    }
    const bits = (n - 1n).toString(2).length, words = Math.ceil(bits / 32);
    for (;;) {
      let x = 0n;
      for (let i = 0; i < words; i++) x = (x << 32n) | BigInt(this.uint32());
      x &= (1n << BigInt(bits)) - 1n;
      if (x < n) return x;
    }
  }

  /** Uniform in (0, 1), with 64 bits before the half; `tail` asks for 128, so that an exponential made of it reaches 89 (ziggurat.ts says what for). */
  uniform(tail = false): number {
    const bytes = tail ? 16 : 8;
    let a: number, b: number, c = 0, d = 0;
    if ((this.at & 3) === 0 && this.at + bytes <= this.block.length) {
      // The same words, without a call for each.
      const w = this.at >>> 2, { words } = this;
      this.at += bytes;
      a = words[w]!; b = words[w + 1]!;
      if (tail) { c = words[w + 2]!; d = words[w + 3]!; }
    } else {
      a = this.uint32(); b = this.uint32();
      if (tail) { c = this.uint32(); d = this.uint32(); }
    }
    const x = tail ? a * 2 ** -32 + b * 2 ** -64 + c * 2 ** -96 + (d + 0.5) * 2 ** -128 : a * 2 ** -32 + (b + 0.5) * 2 ** -64;
    return Math.min(x, 1 - 2 ** -53);
  }
}
