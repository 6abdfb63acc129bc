/** Figures in messages and hints: as many digits as tell them apart. */
export const number = (x: number): string => (Number.isInteger(x) ? String(x) : Math.abs(x) >= 0.0005 ? String(Number(x.toFixed(Math.abs(x) < 10 ? 3 : 1))) : x.toExponential(1));
