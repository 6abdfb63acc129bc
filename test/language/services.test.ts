import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location, TextDocumentEdit } from 'vscode-languageserver-types';
import { afterAll, describe, expect, test } from 'vitest';
import { expectClean, position, source, uriOf, Workbench } from './fixture';

const bench = new Workbench();
afterAll(() => bench.dispose());
const { lsp } = bench.language.synth;
const at = (uri: string, text: string, part: string, nth = 0) => ({ textDocument: { uri }, position: position(text, part, nth) });
const labels = async (marked: string) => (await bench.complete(marked)).map((i) => i.label);

describe('completion', () => {
  test('columns, where one is due, with what they are', async () => {
    const items = await bench.complete(`${source}augmentation a from people { where | }`);
    expect(items.map((i) => i.label)).toEqual(expect.arrayContaining(['age', 'city', 'dose', 'hours-per-week']));
    expect(items.find((i) => i.label === 'age')!.detail).toMatch(/^integer, 17\.\.\d+$/);
    expect(await bench.completed(`${source}augmentation a from people { where hou| }`, 'hours-per-week')).toContain('where `hours-per-week` }');
  });
  test('values with their counts, of the column that is spoken of', async () => {
    const items = await bench.complete(`${source}augmentation a from people { where city = | }`);
    expect(items.map((i) => i.label)).toEqual(expect.arrayContaining(['Porto', 'Lyon', 'Ghent', 'Graz']));
    expect(items.find((i) => i.label === 'Porto')!.detail).toMatch(/^\d+ rows, \d+%$/);
    // Before the columns, which can stand there too.
    const first = [...items].sort((x, y) => ((x.sortText ?? x.label) < (y.sortText ?? y.label) ? -1 : 1)).map((i) => i.label);
    expect(first.indexOf('Graz')).toBeLessThan(first.indexOf('age'));
    expect(await bench.completed(`${source}augmentation a from people { where city = "P|" }`, 'Porto')).toContain('where city = "Porto" }');
    expect(await labels(`${source}augmentation a from people { where level in ("low", |) }`)).toContain('middle');
  });
  test('clauses of the purpose only', async () => {
    const found = await labels(`${source}release a from people {\n  |\n}`);
    expect(found).toEqual(expect.arrayContaining(['rows', 'releases', 'privacy', 'generator', 'seed']));
    for (const word of ['impute', 'balance', 'demographic_parity', 'time', 'sensitive']) expect(found).not.toContain(word);
  });
  test('generators and their settings with ranges', async () => {
    expect(await labels(`${source}release a from people { generator | }`)).toEqual(expect.arrayContaining(['autoregressive', 'gaussian_copula', 'auto']));
    const setting = (await bench.complete(`${source}release a from people { generator tvae { | } }`)).find((i) => i.label === 'epochs');
    expect(setting?.detail).toMatch(/a whole number, \d+\.\.\d+/);
  });
  test('metrics with their direction', async () => {
    const items = await bench.complete(`${source}release a from people { }\nexpect a { | }`);
    expect(items.find((i) => i.label === 'fidelity.shapes')?.detail).toContain('more is better');
    expect(await labels(`${source}release a from people { }\nexpect a { fidelity.| }`)).toContain('two_sample');
    expect(await labels(`${source}release a from people { }\nexpect a { two| }`)).toContain('fidelity.two_sample');
  });
  test('files, sources, targets, declarations', async () => {
    expect(await labels('source a = "|"')).toEqual(expect.arrayContaining(['people.csv', 'census.csv']));
    expect(await bench.completed('source a = "cen|"', 'census.csv')).toBe('source a = "census.csv"');
    expect(await labels(`${source}release a from |`)).toEqual(['people']);
    expect(await labels(`${source}release one from people { }\nexpect |`)).toContain('one');
    expect(await labels(`${source}|`)).toEqual(expect.arrayContaining(['release', 'augmentation', 'fairness', 'transfer', 'completion', 'expect', 'source']));
    expect(await labels('|')).toEqual(expect.arrayContaining(['language', 'source']));
    expect(await labels(`source people = "people.csv" {\n  |\n}`)).toEqual(expect.arrayContaining(['age', 'city', 'rule']));
  });
});

describe('navigation', () => {
  const text = `${source}augmentation a from people { where city = "Porto" and age > 3 rows 5 }\nexpect a { fidelity.shapes of city >= 0.5 }\n`;

  test('a column leads to its declaration and into the header of its file', async () => {
    const document = await bench.open(text), uri = document.uri.toString();
    const links = (await lsp.DefinitionProvider!.getDefinition(document, at(uri, text, 'city = ')))!;
    expect(links.map((l) => l.targetUri)).toEqual([uri, uriOf(join(bench.folder, 'people.csv'))]);
    expect(links[0].targetRange.start).toEqual(position(text, 'city'));
    const header = readFileSync(join(bench.folder, 'people.csv'), 'utf8').split('\n')[0];
    expect(header.slice(links[1].targetRange.start.character, links[1].targetRange.end.character)).toBe('city');
    const refs = (await lsp.ReferencesProvider!.findReferences(document, { ...at(uri, text, 'city = '), context: { includeDeclaration: true } })) as Location[];
    expect(refs.filter((r) => r.uri === uri).length).toBe(3);
  });
  test('renaming a column renames it everywhere, and asks about its file', async () => {
    const document = await bench.open(text), uri = document.uri.toString(), edit = (await lsp.RenameProvider!.rename(document, { ...at(uri, text, 'city = '), newName: 'home town' }))!;
    const edits = edit.documentChanges as TextDocumentEdit[], own = edits.find((e) => e.textDocument.uri === uri)!, table = edits.find((e) => e.textDocument.uri.endsWith('people.csv'))!;
    const renamed = TextDocument.applyEdits(document.textDocument, own.edits as never);
    expect(renamed.match(/`home town`/g)).toHaveLength(3);
    expect(renamed).not.toMatch(/\bcity\b/);
    const header = readFileSync(join(bench.folder, 'people.csv'), 'utf8');
    expect(TextDocument.applyEdits(TextDocument.create('t', 'csv', 1, header), table.edits as never).split('\n')[0]).toContain('`home town`'.slice(1, -1));
    expect(Object.values(edit.changeAnnotations!)[0].needsConfirmation).toBe(true);
  });
  test('renaming a source reaches the files that use it', async () => {
    const home = await bench.open(source, 'home.synth'), user = await bench.open('use "home.synth"\nrelease a from people { rows 5 }\n', 'user.synth');
    expectClean(user.diagnostics ?? []);
    const edit = (await lsp.RenameProvider!.rename(home, { ...at(home.uri.toString(), source, 'people ='), newName: 'folk' }))!;
    expect(Object.keys(edit.changes ?? {}).sort()).toEqual([home.uri.toString(), user.uri.toString()].sort());
  });
  test('hover: a column\'s distribution, a metric, a generator', async () => {
    const more = `${text}release b from people { generator tvae { epochs 3 } }\n`, document = await bench.open(more), uri = document.uri.toString(), hover = async (part: string) => ((await lsp.HoverProvider!.getHoverContent(document, at(uri, more, part)))?.contents as { value: string } | undefined)?.value ?? '';
    expect(await hover('city = ')).toMatch(/\*\*city\*\* · category.*data:image\/svg/s);
    expect(await hover('shapes of')).toContain('More is better');
    expect(await hover('tvae')).toContain('Conditional GAN');
    expect(await hover('epochs')).toContain('epochs');
  });
});

test('code actions: misspelt columns, values, undeclared columns, rules in the data', async () => {
  const text = 'source people = "people.csv" {\n  ctiy: category\n}\n', document = await bench.open(text), uri = document.uri.toString();
  const actions = async (part: string) => (await lsp.CodeActionProvider!.getCodeActions(document, { textDocument: { uri }, range: { start: position(text, part), end: position(text, part) }, context: { diagnostics: document.diagnostics!.filter((d) => d.range.start.line === position(text, part).line) } })) as Array<{ title: string; edit: { changes: Record<string, never[]> } }>;
  const found = await actions('ctiy'), apply = (title: RegExp) => TextDocument.applyEdits(document.textDocument, found.find((a) => title.test(a.title))!.edit.changes[uri]);
  expect(apply(/^Change to city$/)).toBe(text.replace('ctiy', 'city'));
  const all = apply(/^Declare the other 12 columns/);
  expect(all).toMatch(/`hours-per-week`: integer/);
  expectClean((await bench.validate(all.replace('  ctiy: category\n', ''))));
  const ruled = apply(/start is never above end/);
  expect(ruled).toMatch(/rule start_at_most: start <= end/);
});

describe('formatting', () => {
  const options = { tabSize: 2, insertSpaces: true }, folder = join(__dirname, 'corpus');
  const format = async (text: string) => {
    const document = await bench.open(text);
    expect(document.parseResult.parserErrors.map((e) => e.message)).toEqual([]);
    return TextDocument.applyEdits(document.textDocument, (await lsp.Formatter!.formatDocument(document, { textDocument: { uri: document.uri.toString() }, options })) as never);
  };
  test.each(readdirSync(folder))('of %s changes no word, and is its own format', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8'), once = await format(text);
    expect(once.replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''));
    expect(await format(once)).toBe(once);
    const words = (t: string) => bench.language.synth.parser.Lexer.tokenize(t).tokens.map((x) => x.image);
    expect(words(once)).toEqual(words(text));
  });
  test('writes evenly', async () => {
    expect(await format('source   a="people.csv"{age:integer}\nrelease r from a{rows 5 seed 1}expect r{\nfidelity.shapes>=0.9}')).toBe('source a = "people.csv" { age: integer }\nrelease r from a { rows 5  seed 1 }\nexpect r {\n  fidelity.shapes >= 0.9\n}\n');
    expect(await format('language  1.0.0\nsource a="people.csv"')).toBe('language 1.0.0\nsource a = "people.csv"\n');
  });
});

test('outline, folding, colours, help while a clause is written', async () => {
  const text = `${source}release a from people {\n  rows 5\n}\n`, document = await bench.open(text), textDocument = { uri: document.uri.toString() };
  const symbols = (await lsp.DocumentSymbolProvider!.getSymbols(document, { textDocument }))!;
  expect(symbols.map((s) => s.name)).toEqual(['people', 'a']);
  expect(symbols[0].children!.map((s) => s.name)).toContain('hours-per-week');
  expect((await lsp.FoldingRangeProvider!.getFoldingRanges(document, { textDocument }))!.length).toBe(2);
  expect((await lsp.SemanticTokenProvider!.semanticHighlight(document, { textDocument })).data.length).toBeGreaterThan(20);
  const half = `${source}release a from people { privacy epsilon 3 delta `, open = await bench.open(half), help = await lsp.SignatureHelp!.provideSignatureHelp(open, { textDocument: { uri: open.uri.toString() }, position: open.textDocument.positionAt(half.length) });
  expect(help?.signatures[0].parameters?.[help.activeParameter!].label).toBe('delta D');
});

test('help for a clause ends with the clause', async () => {
  const at = async (half: string) => { const open = await bench.open(half); return (await lsp.SignatureHelp!.provideSignatureHelp(open, { textDocument: { uri: open.uri.toString() }, position: open.textDocument.positionAt(half.length) }))?.signatures[0].label; };
  const begun = `${source}augmentation a from people { where city = "Porto" `;
  expect(await at(begun)).toMatch(/^where CONDITION/);
  expect(await at(`${begun}and\n  age `)).toMatch(/^where CONDITION/);
  expect(await at(`${begun}rows 5\n  gen`)).toBeUndefined();
  expect(await at(`${begun}rows 5 generator `)).toBeUndefined();
  expect(await at(`${begun}and seed = `)).toMatch(/^where CONDITION/);
});

test('a file that two ask about at a time says everything once', async () => {
  const text = `${source}release a from people { generator nothing rows 5 rows 6 }\n`, path = bench.write('twice.synth', text);
  const document = await bench.language.open(path), alone = document.diagnostics!.length;
  await Promise.all([bench.language.open(path), bench.language.open(path), bench.language.open(path)]);
  expect(alone).toBeGreaterThan(0);
  expect(document.diagnostics!.length).toBe(alone);
});

test('a name in a mistaken text is looked for by what it would name, where completion asks on behalf of the whole file', async () => {
  const document = await bench.open(`${source}release r from people { rows 5 }\n} expect `), scope = bench.language.synth.references.ScopeProvider, container = document.parseResult.value;
  const names = (property: string) => [...scope.getScope({ container, property, index: 0, reference: { $refText: '' } as never }).getAllElements()].map((e) => e.name);
  expect([names('target'), names('source')]).toEqual([['r'], ['people']]);
});
