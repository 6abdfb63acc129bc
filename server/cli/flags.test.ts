import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generators } from '../generators/registry';
import { metrics } from '../evaluation/registry';
import { metricName, snakeOfCamel } from '../language/catalogue';
import { Language } from '../language/language';
import { snake } from '../language/names';
import { profileFile } from '../targets/release/read';
import { settingsOf } from './generators';
import { id, setting } from './flags';
import { named } from './metrics';
import { compiled } from './run';

test('every generator, metric and setting is taken as the language writes it, and as the terminal does', async () => {
  for (const g of generators) expect([id(snake(g.id)), id(g.id)]).toEqual([g.id, g.id]);
  for (const { info } of metrics) expect([await named(metricName(info.id)), await named(info.id)]).toEqual([info, info]);
  expect((await named('privacy.dcr_share'))?.id).toBe('privacy.closer-share');
  expect(await named('nothing')).toBeUndefined();
  for (const g of generators) for (const { name } of settingsOf((await g.load()).parameters)) expect([setting(snakeOfCamel(name)), setting(snakeOfCamel(name).replaceAll('_', '-')), setting(name)]).toEqual([name, name, name]);
});

test('a target is found by its name, written as the language does or with hyphens; one written exactly so comes first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-names-'));
  try {
    writeFileSync(join(folder, 'orders.csv'), `price,city\n${Array.from({ length: 60 }, (_, i) => `${i % 7},${'ab'[i % 2]}`).join('\n')}\n`);
    const file = join(folder, 'plan.synth');
    writeFileSync(file, 'source orders = "orders.csv"\nrelease of_orders from orders { rows 30 }\nrelease two_of from orders { rows 31 }\nrelease `two-of` from orders { rows 32 }\n');
    const found = async (name: string) => (await compiled(file, name, (work) => work(new Language({ inspect: (path) => profileFile(path) })))).targets.map(([target, plan]) => [target, plan.request.rows]);
    expect(await found('of-orders')).toEqual([['of_orders', 30]]);
    expect(await found('of_orders')).toEqual([['of_orders', 30]]);
    expect(await found('two_of')).toEqual([['two_of', 31]]);
    expect(await found('two-of')).toEqual([['two-of', 32]]);
    await expect(found('of-order')).rejects.toThrow(/no target of-order/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
