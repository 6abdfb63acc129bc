import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { DocumentState, type LangiumDocument } from 'langium';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { exitCodes, UserError } from '../errors';
import { Language } from '../language/language';
import { profileFile } from '../targets/release/read';
import { compiled, runTargets } from './run';

const folder = mkdtempSync(join(tmpdir(), 'understudy-run-'));
const write = (name: string, text: string) => { const path = join(folder, name); writeFileSync(path, text); return path; };
beforeAll(() => void write('orders.csv', `price,city\n${Array.from({ length: 60 }, (_, i) => `${i % 7},${'ab'[i % 2]}`).join('\n')}\n`));
afterAll(() => rmSync(folder, { recursive: true }));
const ready = async (text: string, target?: string, name = 'plan.synth') => compiled(write(name, text), target, (work) => work(new Language({ inspect: (path) => profileFile(path) })));
const source = 'source orders = "orders.csv" {\n  price: integer\n}\n';
const names = ({ targets, refused }: Awaited<ReturnType<typeof compiled>>) => ({ ready: targets.map(([t]) => t), refused: refused.map((r) => [r.target, r.error.place.row, r.error.place.character]) });

it('a mistake in a target, in what is expected or in another source keeps no other target from its run', async () => {
  const found = await ready(`${source}source other = "none.csv"\nrelease a from orders { rows 30 }\nrelease b from orders {\n  rows abc\n}\nrelease c from other { rows 5 }\nrelease d from orders { rows 31 }\nexpect d { fidelity.nothing >= 0.5 }\n`);
  expect(names(found)).toEqual({ ready: ['a', 'd'], refused: [['b', 7, expect.any(Number)], ['c', 4, expect.any(Number)]] });
  expect(found.targets.map(([, plan]) => plan.request.rows)).toEqual([30, 31]);
  expect(found.refused[0].error.toText()).toMatch(/^\S+plan\.synth:7:\d+: /);
});

it('one in its own source, or in the file\'s opening, concerns each target; what stands behind a brace too many is the target\'s above it', async () => {
  await expect(ready(`${source.replace('integer', 'intger')}release a from orders { rows 30 }`)).rejects.toThrow(UserError);
  await expect(ready(`language 9\n${source}release a from orders { rows 30 }`)).rejects.toThrow(/version 9/);
  await expect(ready(`use "gone.synth"\n${source}release a from orders { rows 30 }`)).rejects.toThrow(/no file gone\.synth/);
  // Run without its budget, a private release would be none.
  const behind = (line: string) => ready(`${source}release a from orders { rows 30 }\n${line}\n}\nrelease b from orders { rows 30 }`).then(names);
  expect(await behind('privacy epsilon 3 delta 1e-6')).toEqual({ ready: ['b'], refused: [['a', 4, 33]] });
  expect(await behind('privat epsilon 3 delta 1e-6')).toEqual({ ready: ['b'], refused: [['a', 5, 1]] });
  // Nor behind what is expected of it, or behind another source.
  const between = (what: string, line: string) => ready(`${source}release a from orders { rows 30 }\n${what}\n${line}\n}\nrelease b from orders { rows 30 }\nrelease c from orders { rows 30 }`).then(names);
  for (const what of ['expect a { fidelity.shapes >= 0.9 }', 'source other = "orders.csv" { }', 'expect b { fidelity.shapes >= 0.9 }']) for (const line of ['privacy epsilon 3 delta 1e-6', 'privat epsilon 3 delta 1e-6']) expect((await between(what, line)).refused.map(([target]) => target), `${what} ${line}`).toContain('a');
  expect((await between('expect a { fidelity.shapes >= 0.9 }', 'privacy epsilon 3 delta 1e-6')).ready).toEqual(['b', 'c']);
  await expect(ready(`${source}release a from orders { rows 30 }\nrelease b from orders { rows abc }`, 'b')).rejects.toThrow(UserError);
});

it('a file that was sent back meanwhile is checked before a target of it is run', async () => {
  const language = new Language({ inspect: (path) => profileFile(path) }), document = await language.open(write('back.synth', `${source}release a from orders { rows 30 }\nprivat epsilon 3 delta 1e-6\n}\n`));
  language.shared.workspace.DocumentBuilder.resetToState(document, DocumentState.ComputedScopes);
  expect(document.diagnostics).toBeUndefined();
  await expect(language.compile(document, 'a')).rejects.toThrow(/begins no declaration/);
});

it('what is wrong with a file is told though it is sent back while it is opened, or checked by somebody else', async () => {
  const language = new Language({ inspect: (path) => profileFile(path) }), path = write('twice.synth', `${source}release a from nowhere { rows 30 }\n`), { DocumentBuilder, LangiumDocuments } = language.shared.workspace;
  const told = async (document: LangiumDocument) => (await language.problems(document)).filter((p) => p.severity === 'error').map((p) => p.message);
  const { DocumentValidator } = language.synth.validation, validate = DocumentValidator.validateDocument.bind(DocumentValidator);
  vi.spyOn(DocumentValidator, 'validateDocument').mockImplementationOnce(async (document, ...rest) => {
    const found = await validate(document, ...rest);
    DocumentBuilder.resetToState(document, DocumentState.ComputedScopes);
    return found;
  });
  const document = await language.open(path);
  expect(await told(document)).toEqual([expect.stringContaining('nowhere')]);
  // Whoever builds it sends it back at once.
  const again = DocumentBuilder.build([document], { validation: true });
  await Promise.resolve();
  expect(await told(document)).toEqual([expect.stringContaining('nowhere')]);
  await again;
  const both = await Promise.all([language.open(path), language.open(path)].map(async (opened) => told(await opened)));
  expect(both).toEqual([[expect.stringContaining('nowhere')], [expect.stringContaining('nowhere')]]);
  expect(LangiumDocuments.all.count()).toBe(1);
});

it('a folder named like a file keeps no file beside it from being checked', async () => {
  mkdirSync(join(folder, 'folder.synth'));
  const language = new Language({ inspect: (path) => profileFile(path) }), file = write('beside.synth', `use "folder.synth"\n${source}release a from orders { rows 30 }\n`);
  await expect(language.open(join(folder, 'folder.synth'))).rejects.toThrow('cannot be read');
  const document = await language.open(file);
  expect((await language.problems(document)).filter((p) => p.severity === 'error').map((p) => p.line)).toEqual([0]);
  await language.shared.workspace.DocumentBuilder.waitUntil(DocumentState.IndexedReferences);
});

it('a source of another file is as good as its declaration there', async () => {
  write('orders.synth', `${source.replace('price', 'prise')}release other from orders { rows many }\n`);
  const wrong = await ready('use "orders.synth"\nrelease a from orders { rows 30 }', undefined, 'a.synth').catch((e: UserError) => e) as UserError;
  expect(wrong.toText()).toMatch(/orders\.synth:2:3: .*prise/);
  // What is wrong there with a target that nobody asked for is no matter here.
  write('good.synth', `${source}release other from orders { rows many }\n`);
  expect(names(await ready('use "good.synth"\nrelease a from orders { rows 30 }', undefined, 'b.synth'))).toEqual({ ready: ['a'], refused: [] });
});

it('targets run one after another; one that fails stops no other, somebody who cancels does', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true), ran: number[] = [];
  try {
    const { targets } = await ready(`${source}release a from orders { rows 1 }\nrelease b from orders { rows 2 }\nrelease c from orders { rows 3 }`), run = (codes: Array<number | UserError>) => runTargets(targets, { json: false, quiet: true, debug: false }, {}, false, async ({ request }) => {
      ran.push(request.rows!);
      const code = codes[request.rows! - 1];
      if (typeof code !== 'number') throw code;
      return code;
    });
    expect([await run([0, exitCodes.input, exitCodes.engine]), ran.splice(0)]).toEqual([exitCodes.input, [1, 2, 3]]);
    expect([await run([new UserError('stands in the way.', {}, undefined, 'usage'), 0, 0]), ran.splice(0)]).toEqual([exitCodes.usage, [1, 2, 3]]);
    expect([await run([0, exitCodes.cancelled, 0]), ran.splice(0)]).toEqual([exitCodes.cancelled, [1, 2]]);
    expect(told.mock.calls.map(([t]) => String(t)).join('')).toContain('target b was not made');
  } finally {
    told.mockRestore();
  }
});
