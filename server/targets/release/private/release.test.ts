import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { orders } from '../../../../test/conformance/simulated';
import { UserError, cancelled } from '../../../errors';
import { independent } from '../../../generators/baseline/independent';
import { epsilonFor } from '../../../privacy/accountant/accountant';
import { BudgetExhausted } from '../../../privacy/ledger/budget';
import { Ledger } from '../../../privacy/ledger/ledger';
import { NoiseSource } from '../../../privacy/mechanisms/source';
import type { Plan, Rule, PrivacyRequest, PublicSchema } from '../../../protocol';
import { publishable } from '../../../report/publishable';
import { ProgressMeter } from '../../progress';
import { fileState, sha256 } from '../../source';
import { understand } from '../read';
import { release, releaseStages, type Released, type ReleaseJob } from '../release';
import { Ask } from './ask';
import { costOf } from './cost';
import { learnDomain } from './domain';
import { readDeclared } from './read';
import { learnt, schemaOf } from './schema';

let folder: string;
beforeEach(async () => { folder = await fs.mkdtemp(join(tmpdir(), 'understudy-private-')); });
afterEach(() => fs.rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** What no other row has: a category, an absurd number, a date, an identifier, a person. */
const unique = { id: '987654321', email: 'one.and.only@leak.example', city: 'Atlantis', age: '98765401234', amount: '31415926535.89', member: 'perhaps', ordered: '1899-12-31', country: 'ZZ', note: 'the secret word is xyzzy' };
const added = `${Object.values(unique).join(',')}\n`;

async function plan(name: string, content: string, changes: Partial<Plan> = {}, privacy: Partial<PrivacyRequest> = {}): Promise<Plan> {
  const path = at(name);
  await fs.writeFile(path, content);
  return {
    version: 1, purpose: 'release', source: { path, ...(await fileState(path)), sha256: await sha256(path) }, generator: { id: 'independent', parameters: {} }, seed: 11, budgetSeconds: 5, device: 'cpu', out: at(`${name}.made.csv`),
    columns: {}, protection: { enabled: true, k: 5 }, privacy: { epsilon: 3, delta: 1e-6, unit: 'row', declareSchema: true, ...privacy }, ...changes,
  };
}
async function job(p: Plan, run: string, changes: Partial<ReleaseJob> & { key?: number } = {}): Promise<ReleaseJob & { asked: PrivacyRequest[] }> {
  const own = at(run), file = (name: string) => join(own, name), asked: PrivacyRequest[] = [];
  await fs.mkdir(own, { recursive: true });
  return {
    id: run, meter: new ProgressMeter(releaseStages(p), () => undefined), breathe: async () => undefined, profiled: () => undefined, log: () => undefined, decided: async () => undefined,
    mayReplace: async () => false, resume: false, files: { checkpoint: file('c'), model: file('m'), curve: file('t'), synthetic: file('s.arrow') }, asked,
    privacy: { ledger: at('privacy'), domain: file('domain.json'), declared: async (r) => void asked.push(r), ...(changes.key !== undefined && { noise: new NoiseSource(new Uint8Array(32).fill(changes.key)) }) }, ...changes,
  };
}
const declaredOf = async (content: string): Promise<PublicSchema> => { await fs.writeFile(at('like.csv'), content); return schemaOf((await understand({ path: at('like.csv'), columns: {} })).source); };
const openReport = (made: Released, p: Plan) => JSON.stringify(publishable({ domain: made.domain!, proof: made.proof!, synthetic: made.synthetic, source: { path: p.source.path, columns: 9 }, out: made.out, ...(made.outs && { outs: made.outs.map((o) => o.path) }), rows: made.rows, generator: made.generator, versions: {} }));

describe('neighbouring tables: one row more', () => {
  test('leaves no trace in the table, the sampler, the released domain or the publishable report', async () => {
    const content = orders(1500), schema = await declaredOf(content), results: Array<{ made: Released; all: string }> = [];
    for (const [name, text] of [['without.csv', content], ['with.csv', content + added]] as const) {
      const p = await plan(name, text, {}, { schema, declareSchema: undefined }), j = await job(p, name.replace('.csv', ''), { key: 7 });
      const made = await release(p, j);
      const parts = [await fs.readFile(made.out, 'utf8'), await fs.readFile(j.files.model, 'utf8'), await fs.readFile(j.privacy!.domain, 'utf8'), openReport(made, p), JSON.stringify(j.asked), await fs.readFile(j.files.synthetic, 'latin1')];
      results.push({ made, all: parts.join('\n') });
    }
    const [without, withIt] = results as [typeof results[0], typeof results[0]];
    expect(Object.values(unique).filter((v) => v.length > 2 && withIt.all.includes(v))).toEqual([]);
    // With the same noise: the same bins, the same categories, and shares that differ by no more than one row makes.
    const shape = (r: Released) => r.domain!.columns.map(({ column: c, categories }) => [c.type, c.shares.length, categories, ...(c.type === 'number' ? [c.min, c.max, c.edges] : [])]);
    expect(shape(withIt.made)).toEqual(shape(without.made));
    expect(Math.abs(withIt.made.domain!.rows - without.made.domain!.rows)).toBe(1);
    withIt.made.domain!.columns.forEach(({ column: c }, i) => c.shares.forEach((s, b) => expect(Math.abs(s - without.made.domain!.columns[i]!.column.shares[b]!)).toBeLessThan(3 / 1500)));
    // What is charged is the same, and depends on nothing but the declaration.
    expect(withIt.made.proof!.lines.map(({ at: _at, run: _run, ...line }) => line)).toEqual(without.made.proof!.lines.map(({ at: _at, run: _run, ...line }) => line));
  });

  test.each([['autoregressive', {}], ['ca-dasg', { contexts: 'city,member' }], ['tvae', {}], ['ctgan', { epochs: 1, hidden: 16 }], ['tabddpm', {}], ['flow-matching', {}]])('nor in what %s makes of it, which has seen it in training', async (id, parameters) => {
    const content = orders(500), schema = await declaredOf(content), p = await plan('with.csv', content + added, { generator: { id, parameters }, budgetSeconds: 2, rows: 300 }, { schema, declareSchema: undefined }), j = await job(p, 'with', { key: 7 });
    const made = await release(p, j), all = [await fs.readFile(made.out, 'utf8'), await fs.readFile(j.files.model, 'latin1'), openReport(made, p)].join('\n');
    expect(Object.values(unique).filter((v) => v.length > 2 && all.includes(v))).toEqual([]);
    expect(made.rows).toBe(300);
    expect(made.proof!.lines.some((l) => l.purpose === 'training')).toBe(true);
    expect(made.proof!.spent.epsilon).toBeLessThanOrEqual(3);
    // A tenth of rho, not all of it.
    expect(made.domain!.noise.sigma).toBeGreaterThan(15);
  });

  test('every question differs by one row in one bin, however the earlier ones were answered', async () => {
    const content = orders(800), schema = await declaredOf(content), cost = costOf(schema, false), noise = { sigma: 3, delta: 1e-6 };
    type Counts = Map<string, number>;
    class Recorded extends Ask {
      readonly questions: Array<{ purpose: string; counts: Counts; answer: unknown }> = [];
      constructor(private readonly answers?: ReadonlyArray<{ answer: unknown }>) { super(noise, cost, new NoiseSource(new Uint8Array(32).fill(3))); }
      private record<T>(purpose: string, counts: Counts, answer: T): T {
        const given = (this.answers?.[this.questions.length]?.answer as T | undefined) ?? answer;
        this.questions.push({ purpose, counts, answer: structuredClone(given) });
        return given;
      }
      override histogram(purpose: string, counts: ArrayLike<number>): number[] { return this.record(purpose, new Map(Array.from(counts, (n, i) => [String(i), n])), super.histogram(purpose, counts)); }
      override select(purpose: string, counts: ReadonlyMap<string, number>, known: readonly string[]): Counts { return this.record(purpose, new Map(counts), super.select(purpose, counts, known)); }
    }
    const table = async (text: string) => { await fs.writeFile(at('t.csv'), text); return readDeclared((await understand({ path: at('t.csv'), columns: {} })).source, learnt(schema), 't.csv'); };
    const one = new Recorded();
    learnDomain(await table(content), schema, undefined, one);
    expect(one.questions.length).toBeLessThanOrEqual(cost.histograms);
    for (const row of [added, content.split('\n')[5]! + '\n', ',,,,,,,,\n']) {
      // The neighbour is asked with the first table's answers: what adaptive composition requires.
      const other = new Recorded(one.questions);
      learnDomain(await table(content + row), schema, undefined, other);
      expect(other.questions.map((q) => q.purpose)).toEqual(one.questions.map((q) => q.purpose));
      other.questions.forEach(({ counts, purpose }, i) => {
        const before = one.questions[i]!.counts, changed = [...new Set([...counts.keys(), ...before.keys()])].map((k) => (counts.get(k) ?? 0) - (before.get(k) ?? 0)).filter((d) => d !== 0);
        expect(changed.length, purpose).toBeLessThanOrEqual(1);
        for (const d of changed) expect(Math.abs(d), purpose).toBe(1);
      });
    }
  });

  test('the sampler is a function of what was released, whatever the table: same bytes, same size', async () => {
    const small = await declaredOf(orders(50)), { made, fits } = { made: [] as string[], fits: [orders(50), orders(3000, 5)] };
    const domain = learnDomain(readDeclared((await understand({ path: at('like.csv'), columns: {} })).source, learnt(small), 'x'), small, 50, new Ask({ sigma: 1, delta: 1e-6 }, costOf(small, true), new NoiseSource(new Uint8Array(32).fill(1))));
    const { intoDomain } = await import('./domain');
    for (const text of fits) {
      await fs.writeFile(at('f.csv'), text);
      const fit = intoDomain(readDeclared((await understand({ path: at('f.csv'), columns: {} })).source, learnt(small), 'x'), domain, small);
      const fitted = await independent.fit({
        fit, validation: fit.take([]), seed: 1, device: 'cpu', budgetSeconds: 1, protection: { enabled: false, k: 1 }, progress: async () => undefined, checkpoint: async () => undefined,
        privacy: { rows: 50, epsilon: 1, delta: 1e-6, left: { precision: 0.1, slack: 1e-9, contexts: 1e-9 }, columns: Object.fromEntries(domain.columns.map((d) => [d.schema.name, d.column])), noise: new NoiseSource(new Uint8Array(32)), charge: async () => undefined },
      }, {});
      made.push(Buffer.from(fitted.save()).toString('utf8'));
    }
    expect(made[1]).toBe(made[0]);
  });
});

test('the whole way: charged before anything is released, within the budget, and what is recomputed from the ledger agrees', async () => {
  const p = await plan('orders.csv', orders(1200), { outcome: 'member' }), j = await job(p, 'run-1');
  const made = await release(p, j), entries = new Ledger(at('privacy'), p.source.sha256).entries();
  const spent = epsilonFor(entries, 1e-6).epsilon;
  expect(spent).toBeLessThanOrEqual(3);
  expect(spent).toBeGreaterThan(2.9);
  // The filter's own count, that may be asked at any time, is no less, and hardly more.
  expect(made.proof!.spent.epsilon).toBeGreaterThan(spent);
  expect(made.proof!.spent.epsilon).toBeLessThanOrEqual(3);
  expect(entries.every((e) => e.budget?.epsilon === 3)).toBe(true);
  expect(made.proof!.statement).toBe('Everything released from this table under a privacy budget so far is (3, 0.000001)-differentially private for adding or removing one row.');
  expect(made.proof!.lines.length).toBe(2);
  expect(made.control).toBeUndefined();
  expect(made.rows).toBe(made.domain!.rows);
  expect(Math.abs(made.rows - 1200)).toBeLessThan(60);
  const [header, ...rows] = (await fs.readFile(made.out, 'utf8')).trim().split('\n');
  expect(header).toBe('id,email,city,age,amount,member,ordered,country,note');
  expect(rows.length).toBe(made.rows);
  const real = new Set(orders(1200).split('\n').flatMap((line) => [line.split(',')[0]!, line.split(',')[1]!]));
  for (const row of rows.slice(0, 200)) { const [id, email] = row.split(','); expect(real.has(id!)).toBe(false); expect(real.has(email!)).toBe(false); }
  // The declaration is kept with the plan, and said.
  expect(j.asked[0]!.schema!.columns.map((c) => c.name)).toEqual(header!.split(','));
  expect(made.proof!.declared.join('\n')).toContain('ordered (date as %Y-%m-%d)');
  expect(made.proof!.declared.join('\n')).toContain('That member is the outcome.');
});

test('a second run is a new release: what is left is less, and then nothing; a larger budget makes room', async () => {
  const p = await plan('orders.csv', orders(600), {}, { epsilon: 1 });
  await release(p, await job(p, 'run-1'));
  const again: Plan = { ...p, out: at('again.csv') };
  await expect(release(again, await job(again, 'run-2'))).rejects.toThrow(BudgetExhausted);
  expect(await fs.access(at('again.csv')).then(() => true, () => false)).toBe(false);
  const more: Plan = { ...again, privacy: { ...p.privacy!, epsilon: 3 } }, made = await release(more, await job(more, 'run-3'));
  expect(made.proof!.spent.epsilon).toBeLessThanOrEqual(3);
  expect(made.proof!.spent.epsilon).toBeGreaterThan(2);
  expect(new Set(made.proof!.lines.map((l) => l.run))).toEqual(new Set(['run-1', 'run-3']));
  // The budget was raised after the first run: an odometer was read, which holds whatever made it be raised. And no report to be published says when a run was, or what it was called.
  expect(made.proof!.statement).toContain('(3, 0.000001)-differentially private');
  expect(made.proof!.declared.join()).toContain('the privacy loss is at most epsilon, whatever made it be changed');
  expect(made.proof!.spent.proof).toBe('odometer');
  const open = openReport(made, more);
  expect(open).toContain('"run 2"');
  for (const l of made.proof!.lines) expect([l.run, l.at].filter((t) => open.includes(t))).toEqual([]);
  // Same plan, same seed, and yet other noise: no seed gives a private run again.
  expect((await fs.readFile(made.out, 'utf8')).split('\n')[1]).not.toBe((await fs.readFile(p.out, 'utf8')).split('\n')[1]);
});

test('stopped after the charge and resumed: what was lost stays charged, what was kept is not charged again', async () => {
  const p = await plan('orders.csv', orders(400), {}, { epsilon: 2 }), ledger = new Ledger(at('privacy'), p.source.sha256);
  let breaths = 0;
  const stops = await job(p, 'run-1', { breathe: async () => { if (++breaths === 3) throw cancelled(); } });
  await expect(release(p, stops)).rejects.toThrow('Cancelled');
  const charged = ledger.entries().length;
  expect(charged).toBe(2);
  const kept: Plan = { ...p, privacy: stops.asked[0]! };
  await release(kept, await job(kept, 'run-1', { resume: true }));
  expect(ledger.entries().length).toBe(charged);
  await fs.rm(at('run-1/domain.json'));
  await fs.rm(at('run-1/m'));
  await expect(release({ ...kept, out: at('third.csv') }, await job(kept, 'run-1', { resume: true }))).rejects.toThrow(BudgetExhausted);
});

test('several tables come from one model: charged as one, each of them different, and both reports say what they leave out', async () => {
  const p = await plan('orders.csv', orders(500), { target: { purpose: 'release', releases: 3 }, rows: 200 }), j = await job(p, 'run-1'), ledger = new Ledger(at('privacy'), p.source.sha256);
  const made = await release(p, j), texts = await Promise.all(made.outs!.map(async (o) => fs.readFile(o.path, 'utf8')));
  expect(made.outs!.map((o) => basename(o.path))).toEqual([1, 2, 3].map((n) => `orders.csv.made.${n}.csv`));
  expect(made).toMatchObject({ out: made.outs![0]!.path, outSha256: made.outs![0]!.sha256, rows: 200 });
  expect(texts.map((t) => t.trim().split('\n').length)).toEqual([201, 201, 201]);
  // No row of one is a row of another, not even by its columns that are learnt (city, age, amount ...) or by its identifier.
  const rows = texts.map((t) => t.trim().split('\n').slice(1)), learntOf = (row: string) => row.split(',').slice(2, 8).join(','), at0 = new Set(rows[0]!);
  for (const other of rows.slice(1)) {
    expect(other.filter((row) => at0.has(row))).toEqual([]);
    expect(other.filter((row, i) => learntOf(row) === learntOf(rows[0]![i]!)).length).toBeLessThan(20);
    expect(other.map((row) => row.split(',')[0])).not.toEqual(rows[0]!.map((row) => row.split(',')[0]));
  }
  // The first is what a single release of this model is: drawing on is all that several cost.
  const single: Plan = { ...p, target: { purpose: 'release' }, out: at('single.csv') }, resumed = await release(single, await job(single, 'run-1', { resume: true }));
  expect(await fs.readFile(resumed.out, 'utf8')).toBe(texts[0]);
  expect(resumed.outs).toBeUndefined();
  expect(ledger.entries().length).toBe(2);
  expect(made.proof!.spent.epsilon).toBeLessThanOrEqual(3);
  expect(made.notes.join(' ')).toMatch(/3 tables were made from one fitted generator \(plugin\).*too short.*Figures are of the first/);
  const open = openReport(made, p);
  for (const said of ['orders.csv.made.1.csv to orders.csv.made.3.csv', '(plugin)', 'too short', 'orders.csv.made.2.csv']) expect(open).toContain(said);
});

test('declared rules hold in every row of every table: drawn again, at no further charge; what would be taken from the table is left, and said', async () => {
  const side = (column: string) => ({ type: 'column' as const, column }), value = (v: string) => ({ type: 'value' as const, value: v });
  const rules: Rule[] = [
    { name: 'grown', type: 'row', condition: { type: 'compare', op: '>=', left: side('age'), right: value('30') } }, { name: 'dear', type: 'row', condition: { type: 'compare', op: '>', left: side('amount'), right: side('age') }, where: { type: 'in', column: 'city', values: ['Lyon'] } },
    { name: 'where', type: 'determines', from: ['city'], to: ['country'] }, { name: 'mail', type: 'format', column: 'email', pattern: '.+@.+' },
  ];
  const p = await plan('orders.csv', orders(600), { rules, rows: 150, target: { purpose: 'release', releases: 2 } }), made = await release(p, await job(p, 'run-1'));
  for (const { path } of made.outs!) {
    const lines = (await fs.readFile(path, 'utf8')).trim().split('\n').slice(1).map((l) => /^[^,]*,[^,]*,("[^"]*"|[^,]*),([^,]*),([^,]*)/.exec(l)!);
    expect(lines.length).toBe(150);
    for (const [line, city, age, amount] of lines) if (age !== '') expect(Number(age) >= 30 && !(city === 'Lyon' && amount !== '' && Number(amount) <= Number(age)), line).toBe(true);
  }
  expect(made.notes.join(' ')).toMatch(/2 rules hold in every row: \d+\.\d% of \d+ rows drawn from the model kept all/);
  expect(made.notes.join(' ')).toContain('Not kept under a privacy budget: where (would be taken from the table), mail (names a column that is not learnt)');
  // The same release without rules costs the same.
  const plain = await plan('other.csv', orders(600, 2), { rows: 150 });
  await release(plain, await job(plain, 'run-2'));
  const spent = (sha: string) => new Ledger(at('privacy'), sha).entries().length;
  expect(spent(p.source.sha256)).toBe(spent(plain.source.sha256));
  // What no row can keep is refused by the declared rules and the released domain alone, before the training is paid for.
  const never = await plan('third.csv', orders(300), { rules: [{ name: 'abroad', type: 'row', condition: { type: 'in', column: 'city', values: ['Nowhere'] } }] });
  await expect(release(never, await job(never, 'run-3'))).rejects.toThrow(/keep the declared rules|leaves no value/);
});

test('several tables, stopped between two of them and resumed: nothing is charged again, and no name is taken twice', async () => {
  const p = await plan('orders.csv', orders(400), { target: { purpose: 'release', releases: 3 } }), ledger = new Ledger(at('privacy'), p.source.sha256), written = () => fs.readdir(folder).then((names) => names.filter((n) => n.includes('.made.')).sort());
  const there = async (n: number) => (await written()).includes(`orders.csv.made.${n}.csv`);
  const stops = await job(p, 'run-1', { breathe: async () => { if (await there(2)) throw cancelled(); } });
  await expect(release(p, stops)).rejects.toThrow('Cancelled');
  expect(await written()).toEqual(['orders.csv.made.1.csv', 'orders.csv.made.2.csv']);
  const before = await fs.readFile(at('orders.csv.made.2.csv'), 'utf8'), charged = ledger.entries();
  const kept: Plan = { ...p, privacy: stops.asked[0]! }, made = await release(kept, await job(kept, 'run-1', { resume: true }));
  expect(ledger.entries()).toEqual(charged);
  expect(await written()).toEqual([1, 2, 3].map((n) => `orders.csv.made.${n}.csv`));
  expect(await fs.readFile(made.outs![1]!.path, 'utf8')).toBe(before);
  // Another run's tables are left alone.
  const other: Plan = { ...p, privacy: { ...p.privacy!, epsilon: 6 } }, again = await release(other, await job(other, 'run-2'));
  expect(again.outs!.map((o) => basename(o.path))).toEqual([1, 2, 3].map((n) => `orders.csv.made.${n}-2.csv`));
});

test.each<[string, Partial<Plan>, Partial<PrivacyRequest>, string]>([
  ['a generator that cannot', { generator: { id: 'smote', parameters: {} } }, {}, 'The generator smote cannot keep a privacy budget'],
  ['a delta of one row in the table', {}, { delta: 0.01 }, 'not below 1/n for 300 rows'],
  ['an outcome that is not declared', { outcome: 'profit' }, {}, 'cannot be the outcome'],
  ['a domain of a column that is not there', {}, { domains: { colour: { values: ['red'] } } }, 'there is no such column'],
  ['an entity that is not there', {}, { unit: { entity: 'person' } }, 'no column of this name'],
  ['another purpose, which would be left undone', { purpose: 'completion', target: { purpose: 'completion', complete: { impute: 'all' } } as never }, {}, 'a target of completion cannot be had'],
  ['proper releases', { target: { purpose: 'release', releases: 5, proper: true } }, {}, 'several tables come from one model (plugin); proper ones'],
  ['a budget that the target asks for and the run was not given', { privacy: undefined, target: { purpose: 'release', privacy: { epsilon: 1, delta: 1e-6, unit: 'row' } } }, {}, 'asks for a privacy budget that the run was not given'],
  ['a schema of another table', {}, { schema: { columns: [{ name: 'colour', kind: 'category' }] } }, 'the table has no such column'],
])('%s: refused in words, and nothing is charged', async (_, changes, privacy, words) => {
  const p = await plan('orders.csv', orders(300), changes, privacy), error = await release(p, await job(p, 'run-1')).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).toText()).toContain(words);
  expect(new Ledger(at('privacy'), p.source.sha256).entries()).toEqual([]);
  expect(await fs.access(p.out).then(() => true, () => false)).toBe(false);
});

test('one row of each entity: as many rows as entities, and the statement says whose presence is hidden', async () => {
  const rows = orders(900).trim().split('\n').map((line, i) => (i === 0 ? `who,${line}` : `p${i % 300},${line}`)).join('\n') + '\n';
  const p = await plan('visits.csv', rows, {}, { unit: { entity: 'who' } }), made = await release(p, await job(p, 'run-1', { key: 2 }));
  expect(Math.abs(made.domain!.rows - 300)).toBeLessThan(60);
  expect(made.proof!.statement).toContain('adding or removing all rows of one "who"');
});

test('auto under a budget looks at nothing', async () => {
  const p = await plan('orders.csv', orders(200), { generator: { id: 'auto', parameters: {} }, columns: Object.fromEntries(['city', 'amount', 'member', 'ordered', 'country'].map((c) => [c, { drop: true }])) });
  const made = await release(p, await job(p, 'run-1'));
  expect(made.generator).toBe('independent');
  expect(made.notes.join()).toContain('One column');
});

test.each([['ca-dasg', { featureMatching: 1 }], ['ca-dasg', { contexts: 'nosuch' }], ['ctgan', { pac: 10 }], ['tabddpm', { condition: 'nosuch' }], ['flow-matching', { variant: 'rectified' }]])('%s with %o is refused before anything is charged for', async (id, parameters) => {
  const p = await plan('refused.csv', orders(300), { generator: { id, parameters } });
  await expect(release(p, await job(p, 'refused'))).rejects.toBeInstanceOf(UserError);
  expect(new Ledger(at('privacy'), p.source.sha256).entries()).toEqual([]);
});
