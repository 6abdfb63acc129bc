import { expect, test } from 'vitest';
import { generators } from '../generators/registry';
import { metrics } from '../evaluation/registry';
import { metricName, snakeOfCamel } from '../language/catalogue';
import { snake } from '../language/names';
import { settingsOf } from './generators';
import { id, setting } from './flags';
import { named } from './metrics';

test('every generator, metric and setting is taken as the language writes it, and as the terminal does', async () => {
  for (const g of generators) expect([id(snake(g.id)), id(g.id)]).toEqual([g.id, g.id]);
  for (const { info } of metrics) expect([await named(metricName(info.id)), await named(info.id)]).toEqual([info, info]);
  expect((await named('privacy.dcr_share'))?.id).toBe('privacy.closer-share');
  expect(await named('nothing')).toBeUndefined();
  for (const g of generators) for (const { name } of settingsOf((await g.load()).parameters)) expect([setting(snakeOfCamel(name)), setting(snakeOfCamel(name).replaceAll('_', '-')), setting(name)]).toEqual([name, name, name]);
});
