import { buildSync } from 'esbuild';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelled } from '../../errors';
import { evaluate } from '../evaluate';
import { people, tableOfPeople } from '../population';
import { metrics } from '../registry';
import { groupsOf } from './groups';

const n = 400, judged = { training: tableOfPeople(people(n, 11)), synthetic: tableOfPeople(people(n, 12)), control: tableOfPeople(people(n, 13)), outcome: { column: 'buys', task: 'classification' as const }, sensitive: ['sex'], seed: 3, device: 'cpu' as const };
let folder: string, lane: string;
beforeAll(() => {
  // beside the packages that it needs
  folder = mkdtempSync(join(tmpdir(), 'understudy-lane-'));
  lane = join(folder, 'lane.cjs');
  buildSync({ entryPoints: [resolve(__dirname, 'lane.ts')], outfile: lane, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], logLevel: 'error' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** When another thread has written a file. If none does, the test's time ends it. */
async function written(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise(r => setTimeout(r, 10));
}

/** The lane, which notes what it computed: the ids of the figures that it posted, before each arrives. */
function noted(): { path: string; ids: () => string[]; any: () => Promise<void> } {
  const at = mkdtempSync(join(folder, 'noted-')), path = join(at, 'lane.cjs'), list = join(at, 'posted');
  writeFileSync(path, `const { parentPort } = require('node:worker_threads'), { appendFileSync } = require('node:fs'), post = parentPort.postMessage.bind(parentPort);
    parentPort.postMessage = m => { if (m.type === 'figure') appendFileSync(${JSON.stringify(list)}, m.figure.metric + '\\n'); post(m); }; require(${JSON.stringify(lane)});`);
  const ids = () => existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [];
  return { path, ids, any: () => written(list) };
}

it('two threads find what one finds, to the bit, folds and keys too', async () => {
  let said = '';
  // whoever is faster, this thread touches no group of the second's before that has computed one
  const second = noted(), again = noted();
  const some = { ...judged, metrics: metrics.filter(m => /logistic-detection|range-coverage|tstr$|structure\.(orderings|dependencies)|membership-auc|linkability/.test(m.info.id)) };
  const one = await evaluate({ ...some, lane: null }), two = await evaluate({ ...some, lane: second.path, beside: second.any, log: m => { said = m; } });
  expect(two.figures).toEqual(one.figures);
  // the longest first; what the report is drawn from stays here. How long each took, which is all else that the log says, is the machine's
  expect(second.ids()[0]).toBe('privacy.linkability');
  expect(second.ids()).not.toContain('privacy.membership-auc');
  expect(said).toMatch(/^judged in \d+\.\d\d s: .*; on a second thread: /);

  const { control, ...rest } = judged, rows = (from: number) => Int32Array.from({ length: n / 2 }, (_, i) => (i + from) % n);
  const folds = [0, n / 2].map(from => ({ training: judged.training.take(rows(from)), synthetic: judged.synthetic, control: judged.training.take(rows(from + n / 2)), rows: { training: rows(from), control: rows(from + n / 2) } }));
  const keyed = { ...rest, folds, order: 'age', keys: { training: judged.training.select(['age']), synthetic: judged.synthetic.select(['age']) }, metrics: metrics.filter(m => /tail-width|tstr-linear$|autocorrelation|linkability/.test(m.info.id)) };
  expect((await evaluate({ ...keyed, lane: again.path, beside: again.any })).figures).toEqual((await evaluate({ ...keyed, lane: null })).figures);
  expect(again.ids()[0]).toBe('privacy.linkability');
});

it('a cancel ends both; an error of a user there is one here; what a thread that fails leaves undone is done here', async () => {
  // a thread that has begun, and would never end by itself
  const endless = join(folder, 'endless.cjs'), begun = join(folder, 'begun');
  writeFileSync(endless, `require('node:fs').writeFileSync(${JSON.stringify(begun)}, ''); setInterval(() => undefined, 1000);`);
  const ended = new Promise<void>(resolve => process.once('worker', worker => worker.once('exit', () => resolve())));
  await expect(evaluate({ ...judged, lane: endless, metrics: metrics.filter(m => /logistic-detection|dcr/.test(m.info.id)), progress: async () => { if (existsSync(begun)) throw cancelled(); }, beside: () => written(begun) })).rejects.toMatchObject({ code: 'cancelled' });
  await ended;
  // threads that take all there is, and then fail
  const said: string[] = [], failing = (then: string) => {
    const path = join(folder, `${then.length}.cjs`), claimed = `${path}.claimed`;
    writeFileSync(path, `const { workerData, parentPort } = require('node:worker_threads'); workerData.claims.fill(1); require('node:fs').writeFileSync(${JSON.stringify(claimed)}, ''); ${then}`);
    return evaluate({ ...judged, metrics: metrics.filter(m => /range-coverage|rules|dcr/.test(m.info.id)), lane: path, log: m => void said.push(m), progress: () => written(claimed) });
  };
  await expect(failing(`parentPort.postMessage({ type: 'failed', error: { message: 'No such device.', code: 'engine' } })`)).rejects.toMatchObject({ name: 'UserError', code: 'engine', message: 'No such device.' });
  // any other failure costs time only
  for (const then of [`throw new Error('a defect')`, '', 'process.exit(3)']) expect((await failing(then)).figures.map(f => f.metric)).toEqual(['fidelity.range-coverage', 'structure.rules', 'privacy.dcr']);
  expect(said).toEqual([expect.stringContaining('a defect'), ...Array.from({ length: 3 }, () => expect.stringMatching(/^judged in/))]);
  const one = metrics.filter(m => m.info.id === 'privacy.dcr');
  expect((await evaluate({ ...judged, metrics: one, lane: join(folder, 'gone.cjs') })).figures[0].value).toBeGreaterThan(0);
  // what fails on this thread is no failure of the other
  await expect(evaluate({ ...judged, metrics: one, lane, beside: async () => { throw new Error('a defect of ours'); } })).rejects.toThrow('a defect of ours');
});

it('every metric is in one group, and what the report is drawn from stays with the thread that makes it', () => {
  const { own, free } = groupsOf(metrics);
  expect([...own, ...free.flat()].sort((a, b) => a - b)).toEqual(metrics.map((_, i) => i));
  const id = (i: number) => metrics[i].info.id;
  expect(own.map(id)).toEqual(expect.arrayContaining(['privacy.near-copies', 'privacy.dcr', 'privacy.exposure', 'privacy.likelihood']));
  expect(free.map(g => g.map(id))).toContainEqual(['structure.orderings', 'structure.arithmetic', 'structure.dependencies']);
});
