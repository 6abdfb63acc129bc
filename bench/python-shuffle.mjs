// Python's `random.seed(s); random.shuffle(list(range(n)))`, so that a division published as such can be made again without Python.
// MT19937 with init_by_array (Matsumoto & Nishimura 1998) and CPython's `_randbelow_with_getrandbits`.

/** @param {number} seed a whole number from 0 to 2^32 - 1 */
function mersenneTwister(seed) {
  const mt = new Uint32Array(624);
  mt[0] = 19650218;
  for (let i = 1; i < 624; i++) mt[i] = Math.imul(1812433253, mt[i - 1] ^ (mt[i - 1] >>> 30)) + i;
  // The key is the seed's one 32-bit word, so its index is always 0.
  let i = 1;
  const wrap = () => { if (++i >= 624) { mt[0] = mt[623]; i = 1; } };
  for (let k = 624; k; k--) { mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1664525)) + seed; wrap(); }
  for (let k = 623; k; k--) { mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1566083941)) - i; wrap(); }
  mt[0] = 0x80000000;
  let at = 624;
  return () => {
    if (at >= 624) {
      for (let k = 0; k < 624; k++) {
        const y = (mt[k] & 0x80000000) | (mt[(k + 1) % 624] & 0x7fffffff);
        mt[k] = mt[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = mt[at++];
    y ^= y >>> 11; y ^= (y << 7) & 0x9d2c5680; y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** The order of 0 .. n-1 after Python's shuffle. */
export function pythonShuffle(n, seed) {
  const word = mersenneTwister(seed), order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const bits = 32 - Math.clz32(i + 1);
    let j = word() >>> (32 - bits);
    while (j > i) j = word() >>> (32 - bits);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
