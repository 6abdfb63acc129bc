/**
 * Reproducible choices for subsamples and folds: splitmix32-seeded sfc32 (Doty-Humphrey). Not for privacy noise and not for
 * sampling synthetic rows; those take the engine's keystream.
 */
export function randomOf(seed: number, purpose: string): () => number {
  let h = seed >>> 0;
  for (let i = 0; i < purpose.length; i++) h = Math.imul(h ^ purpose.charCodeAt(i), 0x9e3779b1) ^ (h >>> 15);
  const next = () => {
    h = (h + 0x9e3779b9) | 0;
    let t = h ^ (h >>> 16);
    t = Math.imul(t, 0x21f0aaad); t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  let a = next(), b = next(), c = next(), d = 1;
  const random = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0; a = b ^ (b >>> 9); b = (c + (c << 3)) | 0; c = (c << 21) | (c >>> 11); c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) random();
  return random;
}

/** 0..n-1 in random order (Fisher-Yates). */
export function permutation(n: number, random: () => number): Int32Array {
  const p = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1)), t = p[i];
    p[i] = p[j]; p[j] = t;
  }
  return p;
}

/** `count` of 0..n-1 without repetition, ascending; all of them when count >= n. */
export function subsample(n: number, count: number, random: () => number): Int32Array {
  if (count >= n) return Int32Array.from({ length: n }, (_, i) => i);
  return permutation(n, random).slice(0, count).sort();
}
