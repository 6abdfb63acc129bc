import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../errors';
import { epsilonFor } from '../accountant/accountant';
import { noiseWithin } from '../accountant/calibrate';
import { leftOf, slackFor } from '../accountant/filter';
import { gaussianEpsilon } from '../accountant/gaussian';
import { BudgetExhausted, checkBudget } from './budget';
import type { Charge } from './entry';
import { Ledger } from './ledger';
import { statement } from './statement';

const source = 'ab'.repeat(32), budget = { epsilon: 1, delta: 1e-5 };
const pure = (epsilon: number, run = 'r1'): Charge => ({ run, purpose: 'bins of age', mechanism: { kind: 'pure', epsilon }, count: 1, sensitivity: 1, noise: 1 / epsilon, unit: 'row' });
/** Gaussian noise that costs `epsilon` alone, at the part of delta that the filter is held at. */
function gaussian(epsilon: number, run = 'r1'): Charge {
  let sigma = 0.1;
  while (gaussianEpsilon(sigma, 0.85e-5) > epsilon) sigma *= 1.001;
  return { run, purpose: 'shares', mechanism: { kind: 'gaussian', sigma }, count: 1, sensitivity: 1, noise: sigma, unit: 'row' };
}
const training = (steps: number): Charge => ({ run: 'r2', purpose: 'training', mechanism: { kind: 'subsampled-gaussian', q: 0.01, sigma: 2 }, count: steps, sensitivity: 1, noise: 2, unit: 'row' });
let home: string, ledger: Ledger;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'ledger-')); ledger = new Ledger(join(home, 'privacy'), source); });
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('budgets', () => {
  test.each([
    [{ epsilon: 0, delta: 1e-6 }, 1000, 'epsilon is 0'], [{ epsilon: -1, delta: 1e-6 }, 1000, 'epsilon is -1'], [{ epsilon: Infinity, delta: 1e-6 }, 1000, 'epsilon is Infinity'],
    [{ epsilon: Number.NaN, delta: 1e-6 }, 1000, 'epsilon is NaN'], [{ epsilon: 1, delta: 0 }, 1000, 'delta is 0'], [{ epsilon: 1, delta: 1e-3 }, 1000, 'not below 1/n for 1000 rows'],
    [{ epsilon: 1, delta: 1e-12 }, 1000, 'below 1e-9 the accountant cannot prove'], [{ epsilon: 1e4, delta: 1e-6 }, 1000, 'beyond 100 it promises nothing'], [{ epsilon: 1, delta: 1e-6 }, 0, '0 rows'], [{ epsilon: 1, delta: 1e-6 }, 10.5, '10.5 rows'], [{ epsilon: 1, delta: 1e-20 }, 1e15, '1000000000000000 rows'], [{ epsilon: 1, delta: 1e-6 }, Number.NaN, 'NaN rows'],
  ])('%o for %d rows is refused', (wrong, rows, why) => {
    expect(() => checkBudget(wrong, rows)).toThrow(UserError);
    expect(() => checkBudget(wrong, rows)).toThrow(why);
  });
  test('a sound one passes, and the suggestion would', () => {
    checkBudget(budget, 30_000);
    try { checkBudget({ epsilon: 1, delta: 0.01 }, 32_561); } catch (error) {
      const said = /Take (\S+) or less/.exec((error as UserError).hint!)![1];
      expect(said).toBe('1e-6');
      checkBudget({ epsilon: 1, delta: Number(said) }, 32_561);
    }
  });
});

describe('the ledger', () => {
  test('costs add up over runs and processes, by composition and not by plain sums', () => {
    const roomy = { epsilon: 3, delta: 1e-5 };
    for (let i = 0; i < 4; i++) ledger.charge(pure(0.1, `r${i}`), roomy);
    ledger.charge(training(100), roomy);
    const total = new Ledger(join(home, 'privacy'), source).total(budget.delta);
    expect(total).toEqual(epsilonFor([{ mechanism: { kind: 'pure', epsilon: 0.1 }, count: 4 }, { mechanism: training(1).mechanism, count: 100 }], budget.delta));
    expect(total.epsilon).toBeGreaterThan(0.4);
    const entries = ledger.entries();
    expect(entries.map((e) => e.run)).toEqual(['r0', 'r1', 'r2', 'r3', 'r2']);
    expect(entries[4]).toMatchObject({ purpose: 'training', count: 100, sensitivity: 1, noise: 2, source, unit: 'row', adjacency: 'add-remove', cost: { delta: 1e-5 } });
    expect(entries[4].cost.epsilon).toBeCloseTo(epsilonFor([training(100)], 1e-5).epsilon, 12);
    expect(existsSync(`${ledger.path}.lock`)).toBe(false);
    if (process.platform !== 'win32') expect(statSync(ledger.path).mode & 0o777).toBe(0o600);
  });
  test('what would exceed the budget is refused and not written', () => {
    ledger.charge(gaussian(0.8), budget);
    const before = readFileSync(ledger.path, 'utf8');
    expect(() => ledger.charge(gaussian(0.7), budget)).toThrow(BudgetExhausted);
    expect(() => ledger.charge(gaussian(0.7), budget)).toThrow(/epsilon 0\.[78]\d* of 1 is spent \(delta 0\.00001\), and the next release would bring it to 1\.\d/);
    expect(readFileSync(ledger.path, 'utf8')).toBe(before);
    ledger.charge(gaussian(0.5), budget);
    expect(() => ledger.charge(gaussian(0.4), budget)).toThrow(BudgetExhausted);
    expect(ledger.entries()[0]).toMatchObject({ budget });
  });
  test('what a run has planned is set aside from its first piece on, for whoever goes on with it and for nobody else', () => {
    // A training that all of the budget is calibrated to.
    const steps = 500, sigma = noiseWithin({ precision: leftOf([], budget).precision, slack: slackFor.nearly(0, 0, budget.delta) }, { q: 0.01, steps })!;
    const piece = (count: number, run = 'r2'): Charge => ({ ...training(count), mechanism: { kind: 'subsampled-gaussian', q: 0.01, sigma }, of: steps, run });
    ledger.charge(piece(10), budget);
    expect(() => ledger.charge(gaussian(0.2, 'r3'), budget)).toThrow(BudgetExhausted);
    expect(() => ledger.charge(piece(10, 'r3'), budget)).toThrow(BudgetExhausted);
    ledger.charge(piece(steps - 10), budget);
    expect(() => ledger.charge(piece(1), budget)).toThrow(BudgetExhausted);
    // Not even where there is room.
    expect(() => ledger.charge(piece(1), { epsilon: 8, delta: 1e-5 })).toThrow(BudgetExhausted);
    expect(ledger.spent(budget)).toBeLessThanOrEqual(1);
    expect(ledger.spent(budget)).toBeGreaterThan(0.995);
  });
  test('a raised budget leaves what an odometer says, by what was asked for first; another delta is refused', () => {
    ledger.charge(gaussian(0.99), budget);
    expect(() => ledger.charge(gaussian(0.4, 'r2'), budget)).toThrow(BudgetExhausted);
    const raised = { epsilon: 3, delta: 1e-5 }, fixed = new Ledger(join(home, 'other'), source);
    fixed.charge(gaussian(0.99), raised);
    expect(ledger.spent(raised)).toBeGreaterThan(fixed.spent(raised));
    expect(ledger.allowance(raised, 'r2').precision).toBeLessThan(0.9 * fixed.allowance(raised, 'r2').precision);
    ledger.charge(gaussian(0.5, 'r2'), raised);
    expect(ledger.spent(raised)).toBeLessThanOrEqual(3);
    // And with two budgets in it, a ledger does not return to the first.
    expect(() => ledger.charge(gaussian(0.01, 'r3'), budget)).toThrow(BudgetExhausted);
    expect(() => ledger.charge(gaussian(0.1, 'r3'), { epsilon: 3, delta: 1e-6 })).toThrow('were made under a budget with delta 0.00001, and now it is 0.000001');
    expect(() => ledger.allowance({ epsilon: 3, delta: 1e-6 }, 'r3')).toThrow(UserError);
    expect(ledger.spent({ epsilon: 3, delta: 1e-6 })).toBe(Infinity);
  });
  test('a changed, dropped or foreign line is noticed; a line torn by a crash is not charged and not in the way', () => {
    const roomy = { epsilon: 3, delta: 1e-5 };
    ledger.charge(pure(0.1), roomy);
    ledger.charge(pure(0.2), roomy);
    appendFileSync(ledger.path, '{"run":"torn');
    expect(ledger.total(1e-5).epsilon).toBeCloseTo(0.3, 10);
    ledger.charge(pure(0.3), roomy);
    expect(ledger.entries().length).toBe(3);
    const lines = readFileSync(ledger.path, 'utf8').split('\n');
    writeFileSync(ledger.path, lines.slice(1).join('\n'));
    expect(() => ledger.entries()).toThrow('entry 1 does not follow');
    writeFileSync(ledger.path, [lines[0].replace('"epsilon":0.1', '"epsilon":0.01'), ...lines.slice(1)].join('\n'));
    expect(() => ledger.charge(pure(0.1), roomy)).toThrow(UserError);
    writeFileSync(ledger.path, lines[0].replace('"pure"', '"unheard of"'));
    expect(() => ledger.total(1e-5)).toThrow('no mechanism of kind unheard of');
    writeFileSync(ledger.path, lines.join('\n').replaceAll(source, 'cd'.repeat(32)));
    expect(() => ledger.entries()).toThrow('another table');
  });
  test('a dead process leaves its lock behind: taken over', () => {
    const roomy = { epsilon: 3, delta: 1e-5 };
    ledger.charge(pure(0.1), roomy);
    writeFileSync(`${ledger.path}.lock`, '999999999');
    ledger.charge(pure(0.1), roomy);
    expect(ledger.entries().length).toBe(2);
    expect(readdirSync(join(home, 'privacy'))).toEqual([basename(ledger.path)]);
  });
  test('a guarantee for entities is none for rows, nor the other way round', () => {
    const roomy = { epsilon: 3, delta: 1e-5 }, person = { entity: 'person' };
    ledger.charge({ ...pure(0.4), unit: person }, roomy);
    expect(ledger.total(1e-5, person).epsilon).toBeCloseTo(0.4, 10);
    // A person of two rows, one of them learnt by chance and answered by a mechanism that says e^epsilon for either against nobody: with one row less, the likelihood moves by more than e^epsilon.
    const [a, nobody, b] = [Math.exp(0.4), 1, Math.exp(-0.4)];
    expect([a / nobody, nobody / b].every((ratio) => Math.log(ratio) < 0.4 + 1e-12)).toBe(true);
    expect(Math.log((a + b) / 2 / b)).toBeGreaterThan(0.4);
    expect(ledger.total(1e-5, 'row').epsilon).toBe(Infinity);
    expect(() => ledger.charge(pure(0.1), roomy)).toThrow('without bound');
    expect(() => ledger.charge({ ...pure(0.1), unit: { entity: 'family' } }, roomy)).toThrow('without bound');
    ledger.charge({ ...pure(0.1), unit: person }, roomy);
    expect(ledger.total(1e-5, person).epsilon).toBeCloseTo(0.5, 10);
  });
  test('nothing to be told where nothing was written', () => {
    expect(ledger.entries()).toEqual([]);
    expect(ledger.total(1e-5).epsilon).toBe(0);
    expect(() => new Ledger(home, 'nonsense')).toThrow();
  });
});

test('the statement rounds up, and promises nothing where nothing holds', () => {
  expect(statement({ epsilon: 0.9812, delta: 1e-5, proof: 'pld' }, 'row')).toBe('Everything released from this table under a privacy budget so far is (0.99, 0.00001)-differentially private for adding or removing one row.');
  expect(statement({ epsilon: 12.01, delta: 1e-6, proof: 'pld' }, { entity: 'person' })).toContain('(13, 0.000001)-differentially private for adding or removing all rows of one "person"');
  expect(statement({ epsilon: Infinity, delta: 1e-6, proof: 'rdp' }, 'row')).toContain('No guarantee');
});

test.each(JSON.parse(readFileSync(join(__dirname, '../../../test/golden/privacy/ledgers.json'), 'utf8')) as Array<{ what: string; delta: number; lines: Array<Pick<Charge, 'mechanism' | 'count'>>; pld: number }>)('$what: recomputed from the ledger with dp-accounting', ({ delta, lines, pld }) => {
  // Under a larger delta, so that thresholds fit: what the ledger's total says is asked at this one.
  const roomy = { epsilon: 100, delta: 10 * delta };
  for (const { mechanism, count } of lines) ledger.charge({ run: 'r1', purpose: 'golden', mechanism, count, sensitivity: 1, noise: 1, unit: 'row' }, roomy);
  const { epsilon, proof } = ledger.total(delta);
  // Both are upper bounds: ours within 1% of theirs, and the budget's own count the same.
  expect(Math.abs(epsilon / pld - 1), `${epsilon} by ${proof}, ${pld}`).toBeLessThan(0.01);
});

describe('what is left for a run', () => {
  test('all of it for the first; what others leave for the next, at a smaller part of delta', () => {
    const all = ledger.allowance(budget, 'r1');
    expect(all).toMatchObject({ ...budget, precision: leftOf([], budget).precision });
    ledger.charge(gaussian(0.3, 'r1'), budget);
    const own = ledger.allowance(budget, 'r1'), next = ledger.allowance(budget, 'r2');
    expect(own.precision).toBeLessThan(all.precision);
    expect(next.precision).toBe(own.precision);
    expect(own.categories).toBe(all.categories);
    expect(next.categories / all.categories).toBeCloseTo(1 / 3, 12);
  });
  test('nothing where all is spent, but to the run that spent it; nor where what was released says nothing about the unit', () => {
    ledger.charge(gaussian(0.3, 'r1'), budget);
    const all = ledger.allowance(budget, 'r1'), rest: Charge = { ...gaussian(1), mechanism: { kind: 'gaussian', sigma: 1 / Math.sqrt(all.precision) } };
    ledger.charge(rest, budget);
    expect(() => ledger.allowance(budget, 'r2')).toThrow('nothing is left for another run');
    expect(ledger.allowance(budget, 'r1').precision).toBeLessThan(1e-9);
    expect(() => ledger.allowance({ epsilon: 5, delta: 1e-5 }, 'r2', { entity: 'person' })).toThrow(BudgetExhausted);
    expect(ledger.allowance({ epsilon: 5, delta: 1e-5 }, 'r2').precision).toBeGreaterThan(0);
  });
});
