/** `understudy mcp` as an assistant's client meets it: over stdio, with and without a user who can be asked. */
import { mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, ensureBuilt } from './build';
import { orders } from './simulated';

const [folder, outside] = ['understudy-mcp-', 'understudy-theirs-'].map((name) => realpathSync(mkdtempSync(join(tmpdir(), name)))) as [string, string];
const clients: Client[] = [];
/** @param agrees what the user says when asked; absent: a client that cannot ask */
async function connect(agrees?: boolean): Promise<{ client: Client; asked: string[] }> {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: agrees === undefined ? {} : { elicitation: {} } }), asked: string[] = [];
  if (agrees !== undefined) client.setRequestHandler(ElicitRequestSchema, ({ params }) => { asked.push(params.message); return { action: 'accept', content: { agree: agrees } }; });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [cli, 'mcp', folder], stderr: 'ignore' }));
  clients.push(client);
  return { client, asked };
}
const call = async (client: Client, name: string, args: Record<string, unknown>, onprogress?: (p: { progress: number }) => void): Promise<CallToolResult> =>
  await client.callTool({ name, arguments: args }, undefined, { timeout: 120_000, ...(onprogress && { onprogress }) }) as CallToolResult;
const textOf = (r: CallToolResult): string => r.content.map((c) => (c.type === 'text' ? c.text : '')).join('');

beforeAll(async () => {
  await ensureBuilt();
  writeFileSync(join(folder, 'orders.csv'), orders(400));
  writeFileSync(join(folder, 'secret.csv'), `name,amount\n${Array.from({ length: 60 }, (_, i) => `"Zaphod ${i}",${i}`).join('\n')}\n"broken`);
  // A table of somebody else's, which no system lacks.
  writeFileSync(join(outside, 'theirs.csv'), orders(20));
  symlinkSync(join(outside, 'theirs.csv'), join(folder, 'link.csv'));
}, 180_000);
afterAll(async () => { for (const c of clients) await c.close(); for (const f of [folder, outside]) rmSync(f, { recursive: true, force: true }); });

test('schema and counts, and no value of the table', async () => {
  const { client } = await connect(), { tools } = await client.listTools();
  expect(tools.map((t) => t.name).sort()).toEqual(['understudy_evaluate', 'understudy_inspect', 'understudy_synthesize']);
  const told = await call(client, 'understudy_inspect', { path: 'orders.csv' }), { columns, rows } = told.structuredContent as { rows: number; columns: Array<Record<string, unknown>> };
  expect([told.isError, rows, columns.map((c) => [c.name, c.kind])]).toEqual([undefined, 400, expect.arrayContaining([['city', 'category'], ['email', 'personal'], ['amount', 'real']])]);
  for (const value of ['Lyon', 'Porto', 'example.org', 'FR', '2024', 'parcel']) expect(textOf(told)).not.toContain(value);
});

test('values are passed on when the user agrees for this call, never where nobody can be asked; personal data in no case', async () => {
  const cannot = await call((await connect()).client, 'understudy_inspect', { path: 'orders.csv', values: true });
  expect([cannot.isError, textOf(cannot)]).toEqual([true, expect.stringContaining('cannot ask')]);
  const no = await connect(false), declined = await call(no.client, 'understudy_inspect', { path: 'orders.csv', values: true });
  expect([declined.isError, textOf(declined).includes('Lyon'), no.asked.length]).toEqual([true, false, 1]);
  const yes = await connect(true), told = textOf(await call(yes.client, 'understudy_inspect', { path: 'orders.csv', values: true }));
  expect([told.includes('Lyon'), told.includes('example.org'), told.includes('parcel'), yes.asked[0]]).toEqual([true, false, false, expect.stringContaining('orders.csv')]);
});

test('files outside the folders, also behind a link, are refused; what is wrong inside a table is not quoted', async () => {
  const { client } = await connect();
  for (const path of ['/etc/hostname.csv', '../other.csv', 'link.csv']) {
    const r = await call(client, 'understudy_inspect', { path });
    expect([r.isError, textOf(r)], path).toEqual([true, expect.stringContaining('outside the folders')]);
  }
  const broken = await call(client, 'understudy_inspect', { path: 'secret.csv' });
  expect([broken.isError, textOf(broken).includes('Zaphod'), textOf(broken).includes('broken')]).toEqual([true, false, false]);
});

test('what the assistant itself got wrong is told so that it can mend it, before anybody is asked: a file that is not there, a folder, a column', async () => {
  const { client, asked } = await connect(true), told = async (name: string, args: Record<string, unknown>) => { const r = await call(client, name, args); return [r.isError, textOf(r)]; };
  expect(await told('understudy_inspect', { path: 'order.csv' })).toEqual([true, expect.stringMatching(/^order\.csv: is not there\./)]);
  expect(await told('understudy_inspect', { path: '.' })).toEqual([true, expect.stringContaining('is a folder')]);
  expect(await told('understudy_synthesize', { path: 'orders.csv', holdout: 'more.csv', outcome: 'city' })).toEqual([true, expect.stringContaining('more.csv: is not there')]);
  for (const [name, args] of [['understudy_synthesize', { path: 'orders.csv', outcome: 'town' }], ['understudy_evaluate', { real: 'orders.csv', synthetic: 'orders.csv', outcome: 'town' }]] as const)
    expect(await told(name, args)).toEqual([true, expect.stringMatching(/no column "town"\. It has .*city/)]);
  expect([asked, readdirSync(folder).filter((f) => f.includes('synthetic'))]).toEqual([[], []]);
});

test('a table is made and judged, with progress; the answer holds figures and files', async () => {
  const { client, asked } = await connect(true), progress: number[] = [];
  const made = await call(client, 'understudy_synthesize', { path: 'orders.csv', generator: 'independent', seed: 1, budget_seconds: 5 }, (p) => progress.push(p.progress));
  const run = made.structuredContent as { state: string; out: string; verdicts: unknown[]; figures: Array<{ metric: string }> };
  expect([made.isError, run.state, run.out, run.verdicts.length >= 3, asked.length]).toEqual([undefined, 'finished', join(folder, 'orders.synthetic.csv'), true, 1]);
  expect(run.figures.map((f) => f.metric)).toContain('fidelity.shapes');
  expect(progress.length).toBeGreaterThan(1);
  for (const value of ['Lyon', 'example.org', 'parcel']) expect(textOf(made)).not.toContain(value);
  const judged = await call(client, 'understudy_evaluate', { real: 'orders.csv', synthetic: 'orders.synthetic.csv' });
  expect([judged.isError, (judged.structuredContent as { state: string }).state]).toEqual([undefined, 'finished']);
  expect(readdirSync(folder)).toContain('orders.synthetic.csv');
});

test('a user who does not agree keeps the folder as it was', async () => {
  const { client } = await connect(false), before = readdirSync(folder).sort();
  expect(textOf(await call(client, 'understudy_synthesize', { path: 'orders.csv', out: 'other.csv' }))).toContain('did not agree');
  expect(readdirSync(folder).sort()).toEqual(before);
});
