/** Learning rate at step t (from 0) of `total`: linear warm-up over `warmup` steps to `peak`, then half a cosine down to `floor` times peak (Loshchilov & Hutter 2017). */
export function cosine(t: number, total: number, peak: number, options: { warmup?: number; floor?: number } = {}): number {
  const { warmup = 0, floor = 0 } = options;
  if (t < warmup) return peak * (t + 1) / warmup;
  const at = Math.min(1, (t - warmup) / Math.max(1, total - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * at)));
}
