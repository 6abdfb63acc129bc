/** How much a step takes and how many there are under a privacy budget: functions of public numbers. */

/** Rows a step under a budget: the more, the less its noise weighs; a share of the table, of public numbers. */
export const privateBatch = (rows: number): number => Math.max(64, Math.min(4096, Math.round(rows / 8)));
/** More steps would each be noised the more; beyond these nothing is gained at the budgets people ask for. */
export const mostPrivateSteps = 1000;
/** An average over fewer steps than without a budget, as there are fewer. */
export const privateEma = (ema: number): number => Math.min(ema, 0.99);
