import type { Figure } from '../protocol';
import { describe, expect, it } from 'vitest';
import { asRealRows, sayIndependent, undecidedWithoutControl } from './clustered';
import { evaluate } from './evaluate';
import { tableOf } from './fixture';
import { randomOf } from './population';
import { metrics } from './registry';

/** People with many rows each, which resemble each other: a fresh table has other people. */
function people(seed: number, n = 30, each = 25) {
  const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = Array.from({ length: n }, (_, p) => { const a = normal(), b = normal(); return Array.from({ length: each }, (_, t) => ({ who: `p${p}`, t, x: a + 0.2 * normal(), y: b + 0.2 * normal(), z: a - b + 0.2 * normal() })); }).flat();
  const number = (k: 't' | 'x' | 'y' | 'z') => rows.map(r => r[k]);
  return {
    table: tableOf({ x: { kind: 'real', cells: number('x') }, y: { kind: 'real', cells: number('y') }, z: { kind: 'real', cells: number('z') } }),
    keys: tableOf({ t: { kind: 'integer', cells: number('t') }, who: { kind: 'category', cells: rows.map(r => r.who) } }),
  };
}

describe('rows that belong to people', () => {
  const training = people(1), synthetic = people(2), control = people(3);
  const judge = async (declared: boolean) => {
    const ids = ['fidelity.two-sample', 'fidelity.shapes', 'privacy.membership-auc', 'privacy.membership-tpr-1'];
    const { figures, context } = await evaluate({
      training: training.table, synthetic: synthetic.table, control: control.table, seed: 1, device: 'cpu', metrics: metrics.filter(m => ids.includes(m.info.id)),
      ...(declared && { entity: 'who', order: 't', keys: { training: training.keys, synthetic: synthetic.keys, control: control.keys } }),
    });
    asRealRows(figures, context);
    sayIndependent(figures, context);
    return Object.fromEntries(figures.map(f => [f.metric, f]));
  };
  it('tell less than as many rows of different people: intervals are wider, and a fresh table is not accused of being other people\'s', async () => {
    const alone = await judge(false), declared = await judge(true);
    const width = (f: (typeof alone)[string]) => f.interval!.high - f.interval!.low;
    expect(width(declared['privacy.membership-auc'])).toBeGreaterThan(2 * width(alone['privacy.membership-auc']));
    expect(declared['privacy.membership-auc'].value).toBe(alone['privacy.membership-auc'].value);
    expect(Number(declared['privacy.membership-tpr-1'].detail!.smallestDetectable)).toBeGreaterThan(Number(alone['privacy.membership-tpr-1'].detail!.smallestDetectable));
    // three tables of thirty people: every classifier tells any two apart
    expect(alone['fidelity.two-sample'].value).toBeGreaterThan(0.8);
    expect(alone['fidelity.two-sample'].verdict).toBe('poor');
    expect(declared['fidelity.two-sample'].verdict).toBe('good');
    expect(declared['fidelity.two-sample'].note).toContain('"who"');
    for (const id of ['privacy.membership-auc', 'privacy.membership-tpr-1']) expect(['good', 'undecided'], id).toContain(declared[id].verdict);
    // an interval that takes rows for independent where they are not says so
    expect([declared['fidelity.shapes'].interval!.method, declared['privacy.membership-auc'].interval!.method, alone['fidelity.shapes'].interval!.method].map(m => m.endsWith('rows as if independent'))).toEqual([true, false, false]);
  });
  it('without a control cannot be told from a fault: other real people are told from the training rows as well, and no test that takes rows for independent accuses them', async () => {
    const ids = ['fidelity.two-sample', 'fidelity.two-sample-logistic', 'fidelity.logistic-detection', 'fidelity.mmd', 'fidelity.sliced-wasserstein', 'fidelity.pmse', 'fidelity.shapes'];
    const judge = async (declared: boolean) => {
      const { figures, context } = await evaluate({
        training: training.table, synthetic: synthetic.table, seed: 1, device: 'cpu', metrics: metrics.filter(m => ids.includes(m.info.id)), ...(declared && { entity: 'who', keys: { training: training.keys, synthetic: synthetic.keys } }),
      });
      undecidedWithoutControl(figures, context);
      return Object.fromEntries(figures.map(f => [f.metric, f]));
    };
    const alone = await judge(false), declared = await judge(true), accusing = ids.filter(id => ['poor', 'fair'].includes(alone[id].verdict));
    expect(accusing).toEqual(expect.arrayContaining(['fidelity.two-sample', 'fidelity.shapes']));
    expect(accusing.length).toBeGreaterThan(3);
    for (const id of accusing) {
      expect(declared[id].value, id).toBe(alone[id].value);
      expect(declared[id].verdict, id).toBe('undecided');
      expect(declared[id].note, id).toContain('Rows of one "who" resemble each other');
      expect(declared[id].note, id).toContain('--holdout');
    }
  });
  it('what thirty people cannot explain stands without a control as well', async () => {
    const far = tableOf(Object.fromEntries((['x', 'y', 'z'] as const).map(name => [name, { kind: 'real' as const, cells: people(2).table.columns.find(c => c.schema.name === name)!.numbers().map((v: number) => v + 4) }])));
    const { figures, context } = await evaluate({ training: training.table, synthetic: far, seed: 1, device: 'cpu', metrics: metrics.filter(m => ['fidelity.shapes', 'fidelity.two-sample'].includes(m.info.id)), entity: 'who', keys: { training: training.keys, synthetic: synthetic.keys } });
    undecidedWithoutControl(figures, context);
    expect(figures.find(f => f.metric === 'fidelity.shapes')).toMatchObject({ verdict: 'poor' });
  });
  it('rows that follow each other in time likewise; a table with a control, or of independent rows, is left as it is', () => {
    const judged = (declared: { order?: string; control?: typeof control.table }, detail: Figure['detail'] = {}, value = 0.9, metric = 'fidelity.two-sample') => {
      const f: Figure = { metric, value, samples: {}, verdict: 'poor', detail: { pEqual: 0, ...detail } };
      undecidedWithoutControl([f], { training: training.table, synthetic: synthetic.table, ...declared });
      return f;
    };
    expect(judged({ order: 't' })).toMatchObject({ verdict: 'undecided', note: expect.stringContaining('follow each other in time') });
    expect(judged({ order: 't', control: control.table }).verdict).toBe('poor');
    expect(judged({}).verdict).toBe('poor');
    // 750 rows are stretches of eight: chance may put a score 2.83 times as far off as among rows that stand alone
    expect([0.92, 0.9].map(value => judged({ order: 't' }, { freshTableWorst5: 0.97 }, value, 'fidelity.shapes').verdict)).toEqual(['undecided', 'poor']);
    // where the worst fresh table is told by how far it stays behind
    for (const metric of ['fidelity.precision', 'fidelity.density']) expect([0.12, 0.85].map(shortfall => judged({ order: 't' }, { shortfall, freshTableWorst5: 0.05 }, 0.1, metric).verdict), metric).toEqual(['undecided', 'poor']);
  });
  it('worse than real rows stays worse', () => {
    const f = { metric: 'fidelity.shapes', value: 0.8, samples: {}, verdict: 'poor' as const, reference: { label: 'control', value: 0.9 } };
    asRealRows([f], { entity: 'who', control: control.table });
    expect(f.verdict).toBe('poor');
  });
});
