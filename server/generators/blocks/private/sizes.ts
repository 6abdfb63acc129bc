/** How much a step takes and how many there are under a privacy budget: functions of public numbers. */

/** Rows a step under a budget: the more, the less its noise weighs; a share of the table, of public numbers. */
export const privateBatch = (rows: number): number => Math.max(64, Math.min(4096, Math.round(rows / 8)));
/** More steps would each be noised the more; beyond these nothing is gained at the budgets people ask for. */
export const mostPrivateSteps = 1000;
/** An average over fewer steps than without a budget, as there are fewer. */
export const privateEma = (ema: number): number => Math.min(ema, 0.99);
/** Rows of a step on made rows, which cost nothing but time. */
export const startBatch = 512;
/**
 * Denoising networks by the number of rows: on fewer, the noise of a step is large against what they say, it grows with the root of the number of weights, and so small networks and few long steps learn more. `draws`: noise levels of each
 * example in a step (several.ts), as many as time allows. On 5,000 rows of Adult at epsilon 3, one tuning run of flow-matching each: mean overlap of columns' joint distribution with the outcome .947 at width 48 or so, .937 at 32, .911 of
 * independent columns; its pair trends .864 with one level, .885 with eight; of TabDDPM, pair trends .755 with one level at rate 2 (independent columns .751), .786 with eight, .855 with eight at rate 6.
 */
export const privateNetwork = (rows: number): { width: number; depth: number; steps: number; rate: number; draws: number } => (rows < 20_000 ? { width: 48, depth: 1, steps: 300, rate: 2, draws: 8 } : { width: 128, depth: 3, steps: mostPrivateSteps, rate: 1, draws: 1 });
/** TabDDPM's, whose noise levels differ by orders of magnitude in what they say: small whatever the rows, several levels an example. */
export const privateMultinomial = (rows: number): ReturnType<typeof privateNetwork> => ({ width: rows < 20_000 ? 48 : 64, depth: 1, steps: 300, rate: 6, draws: rows < 20_000 ? 8 : 4 });
