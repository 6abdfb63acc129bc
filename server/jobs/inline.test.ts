import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { InlineReport, ReportData } from '../protocol';
import { decodeCopies, encodeCopies, writeInline } from './inline';

const copied = { row: Uint32Array.of(3, 70_000, 4_000_000_000), of: Uint32Array.of(2, 0, 1), differs: Int16Array.of(-1, 1, -1), columns: ['größe', 'b'], common: 5 };

test('copied rows come back as they were stored, the training rows as rows of the source', () => {
  const back = decodeCopies(encodeCopies(copied, [10, 20, 30]))!;
  expect([...back.row]).toEqual([...copied.row]);
  expect([...back.of]).toEqual([30, 10, 20]);
  expect([...back.differs]).toEqual([-1, 1, -1]);
  expect(back.columns).toEqual(['größe', 'b']);
});

test('what is no such file is nothing, not an error', () => {
  const good = encodeCopies(copied);
  for (const bad of [Buffer.alloc(0), Buffer.from('UCP1'), good.subarray(0, good.length - 1), Buffer.from('{"rows":3}'), Buffer.concat([Buffer.from('UCP1'), Buffer.from([200, 0, 0, 0]), Buffer.from('{')])]) expect(decodeCopies(bad)).toBeUndefined();
});

test('the inline report leaves out what is large, and names each column\'s weakest pair', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-inline-'));
  try {
    const column = (name: string) => ({ name, kind: 'real' as const, modelledAs: '', score: 0.9, picture: { type: 'none' as const, why: '' }, findings: [], warnings: [] });
    const report = {
      version: 1, title: '', created: '2026-01-01T00:00:00Z', source: { path: 'a', rows: 9, columns: 2 }, synthetic: { path: 'b', rows: 8 }, verdicts: [], metrics: {}, figures: [],
      columns: [column('x'), column('y'), column('z')], pairs: { columns: ['x', 'y'], real: [], synthetic: [], score: [1, 0.7, 0.7, 1], statistic: '' }, notes: [],
    } satisfies ReportData;
    const mark = { path: 'a', bytes: 1, modifiedMs: 2, sha256: 'f' };
    await writeInline(folder, report, { real: mark, synthetic: mark }, undefined, copied);
    const inline = JSON.parse(readFileSync(join(folder, 'inline.json'), 'utf8')) as InlineReport;
    expect(inline.columns.map((c) => c.weakest)).toEqual([{ column: 'y', score: 0.7 }, { column: 'x', score: 0.7 }, undefined]);
    expect(inline.copies).toEqual({ exact: 2, near: 1, common: 5 });
    expect(inline).not.toHaveProperty('pairs');
    expect(decodeCopies(readFileSync(join(folder, 'copies.bin')))!.row.length).toBe(3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
