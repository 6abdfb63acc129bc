import { createHash } from 'node:crypto';

/**
 * The set of a column's real cells, as 64-bit hashes: what a fresh value must not be. A hash that collides costs one more draw
 * and nothing else. 16 bytes a slot, so a million cells take 32 MB where a set of strings would take several times that.
 * This is about values made up from a format; learned output is never filtered.
 */
export class Seen {
  private slots: Int32Array;
  private mask: number;
  private size = 0;
  private readonly salt: number;

  constructor(expected: number, salt: number | string = 0) {
    let capacity = 64;
    while (capacity < expected * 2) capacity *= 2;
    this.slots = new Int32Array(capacity * 2);
    this.mask = capacity - 1;
    this.salt = createHash('sha256').update(String(salt)).digest().readInt32LE(0);
  }

  has(text: string): boolean {
    const [a, b] = this.hash(text);
    return this.find(a, b) < 0;
  }

  /** Adds, and says whether it was new. */
  add(text: string): boolean {
    const [a, b] = this.hash(text);
    const at = this.find(a, b);
    if (at < 0) return false;
    this.slots[2 * at] = a; this.slots[2 * at + 1] = b;
    if (++this.size * 2 > this.mask) this.grow();
    return true;
  }

  /** A free slot, or -1 when the pair is there. */
  private find(a: number, b: number): number {
    let slot = a & this.mask;
    for (;;) {
      const x = this.slots[2 * slot], y = this.slots[2 * slot + 1];
      if (x === 0 && y === 0) return slot;
      if (x === a && y === b) return -1;
      slot = (slot + 1) & this.mask;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0 && old[i + 1] === 0) continue;
      const slot = this.find(old[i], old[i + 1]);
      this.slots[2 * slot] = old[i]; this.slots[2 * slot + 1] = old[i + 1];
    }
  }

  /** Two lanes of a multiply-and-rotate hash (cyrb53); never both zero. */
  private hash(text: string): [number, number] {
    let a = 0xdeadbeef ^ this.salt, b = 0x41c6ce57 ^ this.salt;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      a = Math.imul(a ^ c, 2654435761);
      b = Math.imul(b ^ c, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return [a | 0, (b | 0) === 0 && (a | 0) === 0 ? 1 : b | 0];
  }
}
