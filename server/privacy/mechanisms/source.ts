import { randomBytes } from 'node:crypto';
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
      this.block.fill(0); // what was used is not left lying in memory
      this.block = this.stream ? Buffer.from(this.stream.bytes(this.offset, blockBytes)) : randomBytes(blockBytes);
      this.words = new Uint32Array(this.block.buffer, this.block.byteOffset, this.block.length >>> 2);
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

  /** Uniform in (0, 1), with 64 bits before the half: fine enough for tails to 9.4 standard deviations; `tail` asks for 128 bits, to 13. */
  uniform(tail = false): number {
    const high = this.uint32(), low = this.uint32();
    const x = tail ? high * 2 ** -32 + low * 2 ** -64 + this.uint32() * 2 ** -96 + (this.uint32() + 0.5) * 2 ** -128 : high * 2 ** -32 + (low + 0.5) * 2 ** -64;
    return Math.min(x, 1 - 2 ** -53);
  }
}
