/** The language model tools as another extension, or a chat, invokes them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

const workspace = process.env.UNDERSTUDY_TEST_WORKSPACE!;
async function invoke<T>(name: string, input: object): Promise<T> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return JSON.parse(content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('')) as T;
}

describe('Language model tools', () => {
  it('are three', () => {
    assert.deepEqual(vscode.lm.tools.map((t) => t.name).filter((n) => n.startsWith('understudy')).sort(), ['understudy_evaluate', 'understudy_inspect', 'understudy_synthesize']);
  });

  it('tell the schema and no value', async () => {
    const table = await invoke<{ rows: number; columns: Array<{ name: string; kind: string }> }>('understudy_inspect', { path: 'weather.csv' });
    assert.equal(table.rows, 1461);
    assert.deepEqual(table.columns.map((c) => c.name), ['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'weather']);
    for (const value of ['drizzle', '2012', '2015']) assert.ok(!JSON.stringify(table).includes(value), value);
  });

  it('refuse what is no table of the workspace', async () => {
    for (const file of ['/etc/hostname.csv', 'notes.txt', 'missing.csv']) assert.ok((await invoke<{ error?: string }>('understudy_inspect', { path: file })).error, file);
  });

  it('do not quote what is wrong in a table', async () => {
    const { error } = await invoke<{ error: string }>('understudy_inspect', { path: 'ragged.csv' });
    assert.match(error, /cannot be used as it is/);
  });

  it('make a table and tell its figures', async function () {
    this.timeout(300_000);
    const run = await invoke<{ state: string; out: string; verdicts: unknown[]; figures: Array<{ metric: string; value: number | null }> }>('understudy_synthesize', { path: 'weather.csv', generator: 'independent', seed: 3, budgetSeconds: 3, rows: 300 });
    assert.equal(run.state, 'finished');
    assert.ok(existsSync(run.out) && run.out.startsWith(workspace), path.basename(run.out));
    assert.ok(run.verdicts.length >= 3);
    assert.ok(run.figures.some((f) => f.metric === 'fidelity.shapes' && typeof f.value === 'number'));
  });
});
