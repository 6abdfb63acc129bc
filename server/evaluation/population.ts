import type { Table } from '../table/table';
import type { FoldTables } from './evaluate';
import { tableOf } from './fixture';

/** mulberry32, for tests only. */
export function randomOf(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Row = { age: number; income: number | null; hours: number; education: string; job: string; region: string; sex: string; since: number; buys: string };

/** A simulated population of people for tests: nine mixed columns that depend on each other, with a missing cell here and there. */
export function people(n: number, seed: number): Row[] {
  const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: n }, () => {
    const z = normal(), sex = random() < 0.5 ? 'f' : 'm', level = Math.max(0, Math.min(7, Math.round(3 + 1.3 * z + normal())));
    const age = Math.max(18, Math.min(90, Math.round(44 + 14 * normal()))), hours = random() < 0.4 ? 40 : Math.max(1, Math.min(80, Math.round(38 + 9 * normal())));
    const income = random() < 0.05 ? null : Math.round(100 * Math.exp(10 + 0.25 * level + 0.01 * (age - 40) + 0.4 * normal())) / 100;
    const job = 'abcdefghij'[Math.min(9, Math.floor(Math.abs(level + 1.5 * normal())))], region = ['north', 'east', 'south', 'west', 'centre'][Math.floor(5 * random() ** 1.5)];
    return { age, income, hours, education: `level ${level}`, job, region, sex, since: Math.round(18000 + 1500 * random()), buys: random() < 1 / (1 + Math.exp(2 - z - (age - 44) / 14)) ? 'yes' : 'no' };
  });
}

/** One cell of a row changed: another category, or a number within 4% of it. */
export function jitterOne(row: Row, random: () => number): Row {
  const k = Math.floor(4 * random()), sign = random() < 0.5 ? -1 : 1;
  if (k === 0 && row.income !== null) return { ...row, income: Math.round(100 * row.income * (1 + sign * 0.04 * random())) / 100 };
  if (k === 1) return { ...row, age: row.age + (row.age > 40 ? sign : 0) };
  if (k === 2) return { ...row, region: row.region === 'north' ? 'west' : 'north' };
  return { ...row, since: row.since + sign * Math.floor(10 * random()) };
}

/** All numbers of a row changed a little: nothing is equal any more, yet it is the same person. */
export const jitterAll = (row: Row, random: () => number): Row => ({
  ...row, income: row.income === null ? null : Math.round(100 * row.income * (1 + 0.004 * (random() - 0.5))) / 100, since: row.since + 1 + Math.floor(3 * random()), age: Math.max(18, row.age + (random() < 0.5 ? 1 : 0)),
});

export function tableOfPeople(rows: readonly Row[]): Table {
  const column = <K extends keyof Row>(k: K) => rows.map(r => r[k]);
  return tableOf({
    age: { kind: 'integer', cells: column('age') }, income: { kind: 'real', cells: column('income') }, hours: { kind: 'integer', cells: column('hours') },
    education: { kind: 'category', cells: column('education') }, job: { kind: 'category', cells: column('job') }, region: { kind: 'category', cells: column('region') },
    sex: { kind: 'boolean', cells: column('sex') }, since: { kind: 'date', cells: column('since') }, buys: { kind: 'category', cells: column('buys') },
  });
}

/** Folds of real people, each with a table fresh from the population; `leak` of its rows are training rows with one cell changed (or as `change` does). */
export function foldsOfPeople(n: number, seed: number, leak = 0, change = jitterOne, K = 5): { real: Table; folds: FoldTables[] } {
  const real = people(n, 100 * seed), draw = randomOf(seed), fold = Int32Array.from({ length: n }, (_, i) => i % K);
  const folds = Array.from({ length: K }, (_, k): FoldTables => {
    const rows = { training: Int32Array.from(fold.keys()).filter(i => fold[i] !== k), control: Int32Array.from(fold.keys()).filter(i => fold[i] === k) }, made = people(n, 100 * seed + k + 1);
    for (let i = 0; i < leak * n; i++) made[i] = change(real[rows.training[Math.floor(draw() * rows.training.length)]], draw);
    return { rows, training: tableOfPeople(Array.from(rows.training, i => real[i])), control: tableOfPeople(Array.from(rows.control, i => real[i])), synthetic: tableOfPeople(made) };
  });
  return { real: tableOfPeople(real), folds };
}
