import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from './columns';
import { withFreshColumns } from './fresh';
import { refineKinds } from './kinds';
import { profileTable } from './profile';
import { protectTable } from './protect';
import { splitTable } from './split';
import { modelledKinds, type Column } from './table';

/** Every step from a table as read to a table as released, over tables nobody would think of. */
const name = fc.constantFrom('id', '', 'name', 'e-mail', 'date', 'zip', 'toString', '__proto__', 'phone', 'class', 'constructor', 'Größe', '🎂', 'x'.repeat(300));
const words = fc.oneof(fc.string({ maxLength: 12, unit: 'grapheme' }), fc.constantFrom('', ' ', 'NA', '0', '1', 'true', 'false', 'Low', 'High', 'Medium', 'a@b.ch', '1.2.3.4', '\u0000', '=1+1', 'Smith, Mr. John', '\ud800'), fc.integer().map(String));
const floats = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.integer({ min: -5, max: 5 }), fc.constantFrom(NaN, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53));
const column = (n: number, cell: string, i: number): fc.Arbitrary<Column> => {
  const array = <T>(a: fc.Arbitrary<T>) => fc.array(a, { minLength: n, maxLength: n });
  if (cell === 'number') return fc.tuple(array(floats), fc.constantFrom('integer' as const, 'real' as const, 'datetime' as const)).map(([v, kind]) => {
    const values = Float64Array.from(v, (x) => (kind === 'integer' ? Math.round(Math.max(-1e15, Math.min(1e15, x))) : kind === 'datetime' ? Math.round(x % 1e12) * 1000 : x));
    return numberColumn(columnSchema({ name: `n${i}`, kind, storage: 'number', ...(kind === 'datetime' ? { temporal: { pattern: '%Y-%m-%d %H:%M:%S' } } : { number: { style: kind === 'integer' ? 'fixed' : 'shortest', decimals: kind === 'integer' ? 0 : 16 } }) }), values);
  });
  return array(fc.option(words, { freq: 4 })).map((v) => {
    if (cell === 'string') return stringColumn(columnSchema({ name: `s${i}`, kind: 'text', storage: 'string' }), v);
    const dictionary = [...new Set(v.filter((x): x is string => x !== null))];
    return codeColumn(columnSchema({ name: `c${i}`, kind: 'category', storage: 'code' }), Int32Array.from(v, (x) => (x === null ? -1 : dictionary.indexOf(x))), dictionary);
  });
};
const tables = fc.integer({ min: 3, max: 70 }).chain((n) => fc.tuple(fc.uniqueArray(name, { minLength: 5, maxLength: 5 }), column(n, 'number', 0), column(n, 'number', 1), column(n, 'string', 2), column(n, 'code', 3), column(n, 'code', 4))).map(([names, ...columns]) =>
  makeTable(plainDialect, columns.map((c, i) => {
    const schema = { ...c.schema, name: names[i] };
    return c.schema.storage === 'number' ? numberColumn(schema, c.numbers()) : c.schema.storage === 'code' ? codeColumn(schema, c.codes(), c.categories()) : stringColumn(schema, Array.from({ length: c.length }, (_, r) => c.text(r)));
  })));

describe('from a table as read to a table as released', () => {
  it('survives any table: cells keep their text, the profile is plain JSON, the release has the source\'s columns (property)', async () => {
    await fc.assert(fc.asyncProperty(tables, fc.nat(), async (table, seed) => {
      const refined = refineKinds(table);
      for (const [c, column] of table.columns.entries()) for (let r = 0; r < table.rows; r++) expect(refined.columns[c].lexeme(r)).toBe(column.lexeme(r));
      const profile = profileTable(refined, { path: 'x', bytes: 1 });
      expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
      const modelled = refined.select(refined.schema.columns.filter((c) => modelledKinds.includes(c.kind)).map((c) => c.name));
      const split = splitTable(refined, { seed, ...(profile.outcome ? { outcome: profile.outcome.column } : {}) });
      const protection = protectTable(modelled.take(split.fit), { k: 5, enabled: true, seed });
      protection.apply(modelled.take(split.control));
      const sampled = protection.concealTable(protection.apply(modelled.take(split.fit)), seed);
      const out = await withFreshColumns(refined, sampled, seed);
      expect(out.schema.columns.map((c) => c.name)).toEqual(table.schema.columns.map((c) => c.name));
      expect(out.rows).toBe(split.fit.length);
      for (const c of out.columns) for (let r = 0; r < out.rows; r++) expect(typeof c.lexeme(r)).toBe('string');
    }), { numRuns: 60, seed: 20 });
  });
});
