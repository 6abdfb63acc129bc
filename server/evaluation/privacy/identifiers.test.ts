import { describe, expect, it } from 'vitest';
import { verdicts } from '../../report/verdicts';
import type { Kind } from '../../protocol';
import { columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from '../../table/columns';
import { evaluate } from '../evaluate';
import { tableOf } from '../fixture';
import { metrics } from '../registry';

const words = (kind: Kind, name: string, cells: Array<string | null>) => stringColumn(columnSchema({ name, kind, storage: 'string' }), cells);
const n = 200, range = (from: number, k = n) => Array.from({ length: k }, (_, i) => from + i);
const aside = (mail: Array<string | null>, id: number[]) => makeTable(plainDialect, [words('personal', 'mail', mail), numberColumn(columnSchema({ name: 'id', kind: 'identifier', storage: 'number' }), Float64Array.from(id))], mail.length);
const mails = (from: number) => range(from).map(i => `person${i}@example.org`);
const compared = tableOf({ x: { kind: 'real', cells: range(0).map(i => Math.sin(i)) } });

async function judge(synthetic: ReturnType<typeof aside>, control?: ReturnType<typeof aside>) {
  const { figures } = await evaluate({
    training: compared, synthetic: compared, ...(control && { control: compared }), aside: { training: aside(mails(0), range(1_000_000).map(i => i * 7)), synthetic, ...(control && { control }) }, seed: 1, device: 'cpu',
    metrics: metrics.filter(m => ['privacy.identifiers', 'structure.keys'].includes(m.info.id)),
  });
  return Object.fromEntries(figures.map(f => [f.metric, f]));
}

describe('what identifies people and is compared nowhere else', () => {
  it('real addresses in the synthetic table are found without a control, and accuse it', async () => {
    const made = [...mails(0).slice(0, 20), ...mails(5000).slice(20)], { 'privacy.identifiers': f } = await judge(aside(made, range(9_000_000)));
    expect([f.value, f.verdict, f.detail!.column, f.columns!.mail, f.columns!.id]).toEqual([0.1, 'poor', 'mail', 0.1, 0]);
    const [sentence] = verdicts([f]).filter(v => v.family === 'privacy');
    expect(sentence.verdict).toBe('poor');
    expect(sentence.sentence).toContain('"mail" holds real values: 10% of its synthetic cells');
  });
  it('fresh ones do not, and acquit nobody of anything else', async () => {
    const { 'privacy.identifiers': f } = await judge(aside(mails(5000), range(9_000_000)));
    expect([f.value, f.verdict]).toEqual([0, 'undecided']);
    expect(verdicts([f, { metric: 'privacy.near-copies', value: null, samples: {}, verdict: 'not-assessable', note: 'No control.' }]).find(v => v.family === 'privacy')!.verdict).toBe('not-assessable');
  });
  it('numbers drawn from the same range meet by chance, people of one name do in the control too', async () => {
    const dense = range(1_000_000).map(i => i * 7), { 'privacy.identifiers': f } = await judge(aside(mails(5000), dense.map((v, i) => (i % 7 === 0 ? v : v + 1))));
    // 200 of 1,394 numbers are taken: a seventh
    expect(f.reference!.value).toBeCloseTo(200 / (199 * 7 + 1), 12);
    expect(f.verdict).not.toBe('poor');
    const shared = [...mails(0).slice(0, 20), ...mails(7000).slice(20)], named = (await judge(aside([...mails(0).slice(0, 20), ...mails(5000).slice(20)], range(9_000_000)), aside(shared, range(8_000_000))))['privacy.identifiers'];
    expect([named.reference!.value, named.verdict === 'poor']).toEqual([0.1, false]);
  });
  it('an identifier that comes twice is a broken key', async () => {
    const { 'structure.keys': f } = await judge(aside(mails(5000), range(9_000_000).map((v, i) => (i < 20 ? 9_000_100 : v))));
    // nineteen doubles of a number that row 100 has
    expect(f.columns!.id).toBeCloseTo((n - 21) / n, 12);
    expect(f.verdict).toBe('poor');
  });
});
