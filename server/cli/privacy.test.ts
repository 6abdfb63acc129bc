import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { domainOf, wishOf } from './privacy';

test.each([
  ['age=17..90', ['age', { min: '17', max: '90' }]], ['ordered=2020-01-01..2024-12-31', ['ordered', { min: '2020-01-01', max: '2024-12-31' }]], ['income=0..', ['income', { min: '0' }]], ['loss=..-5', ['loss', { max: '-5' }]],
  ['sex=Female|Male', ['sex', { values: ['Female', 'Male'] }]], ['one=only', ['one', { values: ['only'] }]], ['range=a..b|c', ['range', { values: ['a..b', 'c'] }]],
])('--public %s', (text, expected) => expect(domainOf(text)).toEqual(expected));
test.each(['age', '=1..2', 'age=', 'age=..'])('--public %s means nothing', (text) => expect(() => domainOf(text)).toThrow());

test('no --epsilon, no guarantee; flags of one without it are a mistake', async () => {
  expect(await wishOf({})).toBeUndefined();
  await expect(wishOf({ declareSchema: true })).rejects.toThrow('--declare-schema is about a privacy budget');
  await expect(wishOf({ publicRows: 3 })).rejects.toThrow('--public-rows is about');
  expect(await wishOf({ epsilon: 3, delta: 1e-6, unit: { entity: 'who' }, declareSchema: true, public: [['age', { min: '1', max: '9' }]] })).toEqual({ epsilon: 3, delta: 1e-6, unit: { entity: 'who' }, declareSchema: true, domains: { age: { min: '1', max: '9' } } });
});

test('a schema file is read and checked', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'understudy-schema-')), path = join(folder, 's.json');
  try {
    await expect(wishOf({ epsilon: 1, publicSchema: path })).rejects.toThrow('does not exist');
    await fs.writeFile(path, '{');
    await expect(wishOf({ epsilon: 1, publicSchema: path })).rejects.toThrow('is no JSON');
    await fs.writeFile(path, '{"columns":[{"name":"a","kind":"number"}]}');
    await expect(wishOf({ epsilon: 1, publicSchema: path })).rejects.toThrow(/column.*must be one of integer/);
    await fs.writeFile(path, '{"columns":[{"name":"a","kind":"integer","min":0,"max":9}]}');
    expect((await wishOf({ epsilon: 1, publicSchema: path }))!.schema).toEqual({ columns: [{ name: 'a', kind: 'integer', min: 0, max: 9 }] });
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
});
