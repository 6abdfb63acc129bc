import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { URI } from 'langium';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextDocumentEdit } from 'vscode-languageserver-types';
import { afterAll, describe, expect, test } from 'vitest';
import { nearest } from '../../server/language/names';
import { expectClean, expectError, expectWarning, messages, people, position, source, Workbench } from './fixture';

/** What a user met who had not seen the language: each of these was wrong once. */
const loans = (() => {
  let state = 11;
  const random = () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32), lines = ['score,age,city,day,decision'];
  for (let i = 0; i < 1200; i++) {
    const score = random(), decision = score > 0.6 ? 'yes' : 'no', city = decision === 'yes' ? (i % 3 ? 'Porto' : 'Lyon') : i % 40 ? 'Lyon' : 'Ghent';
    lines.push(`${score.toFixed(5)},${20 + (i % 40)},${city},2024-0${1 + (i % 9)}-15,${decision}`);
  }
  return `${lines.join('\n')}\n`;
})();
const bench = new Workbench({ 'people.csv': people(), 'loans.csv': loans, 'wide.csv': `${Array.from({ length: 3000 }, (_, i) => `x_${i}`).join(',')}\n${Array.from({ length: 3000 }, () => '1').join(',')}\n` }, true);
afterAll(() => bench.dispose());
const { lsp } = bench.language.synth;
const fixes = async (text: string, code: string | RegExp) => {
  const document = await bench.open(text), uri = document.uri.toString(), found = document.diagnostics!.filter((d) => String(d.code ?? (d.data as { code?: string } | undefined)?.code).match(code));
  const actions = (await lsp.CodeActionProvider!.getCodeActions(document, { textDocument: { uri }, range: found[0].range, context: { diagnostics: found } })) as Array<{ title: string; edit: { changes: Record<string, never[]> } }>;
  return { titles: actions.map((a) => a.title), apply: (title: RegExp) => TextDocument.applyEdits(document.textDocument, actions.find((a) => title.test(a.title))!.edit.changes[uri]) };
};

describe('against the rows themselves', () => {
  const target = (condition: string) => `source loans = "loans.csv" { decision: category outcome positive "yes" }\naugmentation a from loans { where ${condition} rows 5 }`;
  test('a condition no row meets, though each of its parts is common', async () => {
    expectWarning(await bench.validate(target('city = "Ghent" and decision = "yes"')), 'No row of the source meets this condition');
    const few = loans.split('\n').filter((l) => /Ghent,.*,no$/.test(l) && Number(l.split(',')[1]) < 40).length;
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(20);
    expectWarning(await bench.validate(target('city = "Ghent" and age < 40')), `Only ${few} row`);
    expect(messages(await bench.validate(target('city = "Lyon" and age < 40')), 2).join()).not.toMatch(/meets? this condition/);
  });
  test('a number whose threshold is the outcome gives it away, declared or not', async () => {
    const undeclared = await bench.validate('source loans = "loans.csv" { decision: category outcome }');
    expectWarning(undeclared, /^score gives the outcome away: by itself it tells (9\d|100)/m);
    expect(messages(undeclared, 2).join()).not.toMatch(/city gives|age gives/);
    const declared = await bench.validate('source loans = "loans.csv" {\n  decision: category outcome\n  score: real\n}');
    expect(declared.find((d) => /gives the outcome away/.test(String(d.message)))!.range.start.line).toBe(2);
    for (const unlearnt of ['score: real drop', 'score: identifier', 'key score']) expect(messages(await bench.validate(`source loans = "loans.csv" { decision: category outcome  ${unlearnt} }`), 2).join(), unlearnt).not.toContain('gives the outcome away');
  });
});

describe('balancing classes of few rows', () => {
  const few = (over: Record<string, number>, more = 0) => `kind,size,flag\n${Object.entries(over).flatMap(([kind, n], i) => Array.from({ length: n }, (_, j) => `${kind},${(j * 7 + i) % 50},${j % 2 ? 'yes' : 'no'}`)).join('\n')}\n${Array.from({ length: more }, (_, j) => `a,${j % 50},no\n`).join('')}`;
  bench.write('few.csv', few({ a: 200, b: 100, c: 3, d: 4 }));
  bench.write('held.csv', few({ a: 200, b: 100, c: 6 }, 2000));
  bench.write('later.csv', few({ a: 30, b: 30, c: 30 }));
  const warned = async (clauses: string, table = 'few.csv', more = '') => messages(await bench.validate(`source s = "${table}" {\n  kind: category${more}\n}\naugmentation x from s { ${clauses} }`), 2).filter((m) => /refuse this target/.test(m));
  test('is told before a run refuses it, with the classes and their rows', async () => {
    expect(await warned('balance kind equally')).toEqual([expect.stringMatching(/^Too few rows to learn from \("c" 3, "d" 4; 5 are needed\): a run will refuse this target\. Name those of more rows: balance kind to "a" 50%, "b" 50%\.$/)]);
    expect(await warned('balance kind to "a" 50%, "b" 50%')).toEqual([]);
    // What is not named is a class of its own, here of seven rows.
    expect(await warned('balance kind to "a" 40%, "b" 40%')).toEqual([]);
    expect(await warned('balance kind to "a" 40%, "b" 30%, "c" 10%')).toEqual([expect.stringContaining('("c" 3, other kind 4; 5 are needed)')]);
    expect(await warned('protection 8 balance kind to "a" 40%, "b" 40%')).toEqual([expect.stringContaining('(other kind 7; 8 are needed)')]);
  });
  test('also within a condition, of which the rows are asked', async () => {
    expect(await warned('where size < 3 balance kind to "a" 50%, "b" 50%')).toEqual([]);
    const rows = few({ a: 200, b: 100, c: 3, d: 4 }).trimEnd().split('\n').slice(1).map((l) => l.split(',')).filter(([kind, size]) => kind === 'b' && Number(size) < 2).length;
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(5);
    expect(await warned('where size < 2 balance kind to "a" 50%, "b" 50%')).toEqual([expect.stringContaining(`("b" where size < 2 ${rows}; 5 are needed)`)]);
  });
  test('a class that the part held back may leave too small is told as that, but for a holdout of one\'s own; marginals of another table are raked, not drawn class by class', async () => {
    expect(await warned('balance kind equally', 'held.csv')).toEqual([expect.stringMatching(/^A fifth of the rows is held back .*\("c" 6; 5 are needed\): a run may refuse/)]);
    expect(await warned('balance kind equally', 'held.csv', '\n  holdout "few.csv"')).toEqual([]);
    expect(await warned('balance kind equally size like "few.csv"')).toEqual([]);
  });
  test('and is told anew as one types, and when the table changes', async () => {
    expect(await warned('balance kind equally', 'later.csv')).toEqual([]);
    bench.write('later.csv', few({ a: 30, b: 30, c: 2 }));
    const path = join(bench.folder, 'later.csv');
    bench.language.synth.data.Tables.forget(path);
    expect(await warned('balance kind equally', 'later.csv')).toEqual([expect.stringContaining('("c" 2; 5 are needed)')]);
  });
});

test('a guarantee for rows is told of where an entity has several, whatever the outcome', async () => {
  const text = `${source.trimEnd().replace(/}$/, '')}  entity visit\n}\nrelease r from people { privacy epsilon 5 delta 1e-6 }`;
  expectWarning(await bench.validate(text), 'The guarantee is for single rows');
});

test('widening moves the end that cuts, and no other', async () => {
  const { apply } = await fixes('source people = "people.csv" {\n  age: integer in 0..40\n}', 'range-cuts'), most = Math.max(...people().split('\n').slice(1, -1).map((l) => Number(l.split(',')[0])));
  expect(apply(/^Widen/)).toContain(`in 0..${most}\n`);
});
test('dates are compared as dates: a range that takes them all in cuts none', async () => {
  expect(messages(await bench.validate('source loans = "loans.csv" { day: date in "2024-01-15".."2024-09-15" }'), 2).join()).not.toContain('leaves out');
  expectWarning(await bench.validate('source loans = "loans.csv" { day: date in "2024-03-01".."2024-12-31" }'), /leaves out 2\d%/);
  expect((await fixes('source loans = "loans.csv" { day: date in "2024-03-01".."2024-12-31" }', 'range-cuts')).apply(/^Widen/)).toContain('in "2024-01-15".."2024-12-31"');
});

test('misspelt sources, targets, generators and settings have a fix, as columns do', async () => {
  const from = `${source}release a from peple { rows 5 }`;
  expectError(await bench.validate(from), 'There is no source peple here. Is people meant?');
  expect((await fixes(from, 'linking-error')).apply(/^Change to people$/)).toContain('from people {');
  expect((await fixes(`${source}release stand_in from people { rows 5 }\nexpect stand_im { fidelity.shapes >= 0.9 }`, 'linking-error')).apply(/^Change to stand_in$/)).toContain('expect stand_in {');
  expect((await fixes(`${source}release a from people { generator tvea { epochs 5 } }`, 'no-generator')).apply(/^Change to tvae$/)).toContain('generator tvae { epochs 5 }');
  expect((await fixes(`${source}release a from people { generator tvae { epoch 5 } }`, 'no-setting')).apply(/^Change to epochs$/)).toContain('tvae { epochs 5 }');
});

describe('a metric written with hyphens, as the terminal does', () => {
  const expecting = (lines: string) => `${source}release a from people { rows 9 }\nexpect a {\n${lines}\n}`, errors = async (lines: string) => messages(await bench.validate(expecting(lines)), 1);
  test('is one mistake, wherever the hyphens stand, and whatever follows', async () => {
    for (const [written, told] of [['two-sample <= 0.6', 'fidelity.two-sample: in this language it is fidelity.two_sample.'], ['two-sample-auc in 0.45..0.55', 'fidelity.two-sample-auc. Is fidelity.two_sample meant?'], ['pair-trends of city >= 0.9 of real', 'fidelity.pair-trends: in this language it is fidelity.pair_trends.'], ['pair-trends', 'fidelity.pair-trends: in this language it is fidelity.pair_trends.']])
      expect(await errors(`  fidelity.${written}`), written).toEqual([`There is no metric ${told}`]);
    expect(await errors('  privacy.membership-tpr-0.1 <= 0.01  utility.ci-overlap >= 0.3\n  fidelity.shapes >= 0.9')).toEqual(['There is no metric privacy.membership-tpr-0.1: in this language it is privacy.membership_tpr_0_1.', 'There is no metric utility.ci-overlap: in this language it is utility.ci_overlap.']);
    // What is wrong beside it is told still.
    expect(await errors('  fidelity.two-sample <= 0.6\n  fidelity.shapes >=')).toHaveLength(2);
    expect(await errors('  fidelity.two-sample <= 0.6 of\n  fidelity.shape >= 0.9')).toContain('There is no metric fidelity.shape. Is fidelity.shapes meant?');
  });
  test('and has one fix; half of it is nobody\'s expectation', async () => {
    const text = expecting('  fidelity.two-sample-auc of city <= 0.6\n  fidelity.shapes >= 0.9'), { titles, apply } = await fixes(text, 'no-metric');
    expect(titles).toEqual(['Change to fidelity.two_sample']);
    expect(apply(/^Change/)).toBe(text.replace('two-sample-auc', 'two_sample'));
    expect((await bench.language.results(await bench.open(text)))[0].expectations.map((e) => e.metric)).toEqual(['fidelity.shapes']);
  });
});

test('a brace that is missing is told where it is missed, and a clause that goes on wrongly once, with how it could', async () => {
  const wrong = async (text: string) => (await bench.validate(text)).filter((d) => d.severity === 1).map((d) => [text.split('\n')[d.range.start.line].slice(0, d.range.start.character), String(d.message)]);
  const top = `${source}release a from people { rows 5 }\n\n`;
  // A comment swallowed it; other declarations stand above and below.
  expect(await wrong(`${top}release b from people { rows 5 // }\nexpect a { fidelity.shapes >= 0.5 }`)).toEqual([['release b from people { rows 5', 'Here `}` is expected, not what follows.']]);
  expect(await wrong(`${top}release b from people {\n  seed 3\n`)).toEqual([['  seed 3', 'Here `}` is expected, not the end of the file.']]);
  expect(await wrong(`${top}release b from people {\n  rows many\n}`)).toEqual([['  ', '`rows` does not fit here. It reads, for example: `rows 1000`.']]);
  expect(await wrong(`${top}fairness b from people {\n  keep 0.9\n}`)).toEqual([[expect.any(String), expect.any(String)]]);
});

test('snippets begin alike, so that typing that lists them all, and are the language\'s own words', async () => {
  const snippets = Object.values(JSON.parse(readFileSync(join(__dirname, '..', '..', 'snippets', 'synth.json'), 'utf8')) as Record<string, { prefix: string; body: string[] }>);
  for (const { prefix } of snippets) expect(prefix).toMatch(/^synth_[a-z_]+$/);
  expect(new Set(snippets.map((s) => s.prefix)).size).toBe(snippets.length);
  for (const { prefix, body } of snippets) {
    const inserted = body.join('\n').replace(/\$\{\d+\|([^,|]+)[^|]*\|\}/g, '$1').replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(/\$\d+/g, '');
    const { parserErrors } = (await bench.open(prefix === 'synth_rule' ? `source a = "people.csv" { ${inserted.replace(/condition$/, 'age > 3')} }` : inserted.replace('where condition', 'where age > 3'))).parseResult;
    expect(parserErrors.map((e) => e.message), prefix).toEqual([]);
  }
});

describe('renaming', () => {
  const rename = async (name: string, part = 'city:') => {
    const document = await bench.open(source);
    return lsp.RenameProvider!.rename(document, { textDocument: { uri: document.uri.toString() }, position: position(source, part), newName: name });
  };
  test('a source, a target and a column across files; not to a name by which a file that sees both would mean another', async () => {
    const base = `${source}release whole from people { rows 50 }\n`, using = 'use "across_base.synth"\nuse "across_other.synth"\naugmentation more from people { where city = "Porto" rows 20 }\nexpect whole { fidelity.shapes of city >= 0.5 }\n';
    await bench.open(base, 'across_base.synth');
    await bench.open('source other = "people.csv"\n', 'across_other.synth');
    await bench.open(using, 'across.synth');
    const across = async (file: string, part: string, newName: string) => {
      const path = join(bench.folder, file), document = await bench.language.open(path), text = readFileSync(path, 'utf8');
      const edit = (await lsp.RenameProvider!.rename(document, { textDocument: { uri: document.uri.toString() }, position: position(text, part), newName }))!, changed = edit.documentChanges as TextDocumentEdit[] | undefined ?? Object.entries(edit.changes ?? {}).map(([uri, edits]) => ({ textDocument: { uri }, edits }));
      return Object.fromEntries(changed.map(({ textDocument: { uri }, edits }) => { const at = URI.parse(uri).fsPath; return [at.slice(bench.folder.length + 1), TextDocument.applyEdits(TextDocument.create(uri, 'x', 1, readFileSync(at, 'utf8')), edits as never)]; }));
    };
    const source2 = base.replaceAll(/(source|from) people/g, '$1 folk'), user2 = using.replace('from people', 'from folk');
    expect(await across('across.synth', 'people', 'folk')).toEqual({ 'across_base.synth': source2, 'across.synth': user2 });
    expect(await across('across_base.synth', 'whole', 'entire')).toEqual({ 'across_base.synth': base.replace('release whole', 'release entire'), 'across.synth': using.replace('expect whole', 'expect entire') });
    const column = await across('across.synth', 'city', 'town');
    expect([column['across.synth'].match(/town/g), column['across_base.synth'].match(/town/g), column['people.csv'].split('\n')[0].split(',')[2], column['across.synth'].includes('city')]).toEqual([['town', 'town'], ['town'], 'town', false]);
    await expect(across('across.synth', 'more', 'whole')).rejects.toThrow('there is a target whole already in across_base.synth, which across.synth uses.');
    await expect(across('across_base.synth', 'whole', 'more')).rejects.toThrow('there is a target more already in across.synth.');
    await expect(across('across_base.synth', 'people', 'other')).rejects.toThrow('there is a source other already in across_other.synth, which across.synth uses.');
    await expect(across('across.synth', 'people', 'whole')).rejects.toThrow('there is a target whole already in across_base.synth.');
    // A source and a target of two files never stand in the same place.
    expect(Object.keys(await across('across_base.synth', 'people', 'more')).sort()).toEqual(['across.synth', 'across_base.synth']);
  });
  test('to a name with the delimiter in it keeps the table\'s columns', async () => {
    const edit = (await rename('`town, "old"`'))!, table = (edit.documentChanges as TextDocumentEdit[]).find((e) => e.textDocument.uri.endsWith('people.csv'))!;
    const header = readFileSync(join(bench.folder, 'people.csv'), 'utf8').split('\n')[0];
    expect(TextDocument.applyEdits(TextDocument.create('t', 'csv', 1, header), table.edits as never)).toBe(header.replace('city', '"town, ""old"""'));
  });
  test('to a name that is taken is refused in words', async () => {
    await expect(rename('level')).rejects.toThrow('there is a column level already.');
    // Not declared, but in the table.
    await expect(rename('pressure')).rejects.toThrow('there is a column pressure already.');
    await expect(rename('people', 'people =')).resolves.toBeDefined();
    expect(await rename('city')).toBeDefined();
  });
});

describe('a source whose names are not its table\'s', () => {
  test('is told of every column, and no near name is looked for', async () => {
    const found = await bench.validate(`source wide = "wide.csv" {\n${Array.from({ length: 3000 }, (_, i) => `  y_${i}: integer`).join('\n')}\n}`), errors = messages(found, 1);
    expect(errors).toHaveLength(3000);
    expect(errors.filter((m) => m.includes('meant?'))).toEqual([]);
  });
  test('a few misspelt ones still have theirs', async () => {
    expectError(await bench.validate('source wide = "wide.csv" {\n  x__1500: integer\n}'), 'Is x_1500 meant?');
  });
  test('the nearest name is the same as by the plain definition', () => {
    const plain = (a: string, b: string): number => {
      const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)));
      for (let i = 1; i <= a.length; i++) for (let j = 1; j <= b.length; j++) {
        d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + Number(a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
      return d[a.length][b.length];
    };
    let state = 5;
    const random = (n: number) => Math.floor(((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32) * n), word = () => Array.from({ length: 3 + random(6) }, () => 'abcA'[random(4)]).join('');
    for (let n = 0; n < 400; n++) {
      const name = word(), names = Array.from({ length: 12 }, word), most = Math.max(1, Math.floor(name.length / 3)), costs = names.map((c) => (c.toLowerCase() === name.toLowerCase() ? 0 : plain(name.toLowerCase(), c.toLowerCase()) + 0.1)), least = Math.min(...costs), found = nearest(name, names);
      if (least > most + 0.4) expect(found).toBeUndefined();
      else expect(found).toBe(names[costs.indexOf(least)]);
    }
  });
});

test('what a target costs is said for every generator', async () => {
  const document = await bench.open(`${source}release a from people { generator independent }\nrelease b from people { rows 5 }`), lenses = (await lsp.CodeLensProvider!.provideCodeLens(document, { textDocument: { uri: document.uri.toString() } }))!.map((l) => l.command!.title);
  expect(lenses.filter((l) => /^at most about \d+ (s|min)$/.test(l))).toHaveLength(1);
  expect(lenses.filter((l) => /^about \d+ (s|min)$/.test(l))).toHaveLength(1);
  expectClean(document.diagnostics ?? []);
});

describe('completion, by someone who knows no word of it', () => {
  const sorted = async (marked: string) => [...await bench.complete(marked)].sort((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1)).map((i) => i.label);
  test('in a target come its clauses; columns only where one may begin a clause, and then last', async () => {
    const release = await sorted(`${source}release a from people { rows 5 | }`);
    expect(release).toEqual(expect.arrayContaining(['privacy', 'generator']));
    expect(release).not.toContain('age');
    const more = await sorted(`${source}augmentation a from people {\n  |\n}`);
    expect(more.indexOf('where')).toBeLessThan(more.indexOf('age'));
    expect(await sorted(`${source}augmentation a from people { where | }`)).toContain('age');
  });
  test('behind a column\'s kind come its attributes, on a new line the next column', async () => {
    const behind = await sorted('source p = "people.csv" {\n  age: integer |\n}'), below = await sorted('source p = "people.csv" {\n  age: integer\n  |\n}');
    expect(behind.indexOf('sensitive')).toBeLessThan(behind.indexOf('city'));
    expect(below.indexOf('city')).toBeLessThan(below.indexOf('sensitive'));
    // What is no column of the file is not proposed as one.
    expect(await sorted('source p = "people.csv" { rule r: city determines | }')).not.toContain('determines');
  });
  test('numbers where numbers are due: ranges of the file, rows, guarantees, shares', async () => {
    const ages = people().split('\n').slice(1, -1).map((l) => Number(l.split(',')[0])), range = `${Math.min(...ages)}..${Math.max(...ages)}`;
    expect((await sorted(`${source}augmentation a from people { where age in | }`))[0]).toBe(range);
    expect((await sorted('source p = "people.csv" { age: integer in | }'))[0]).toBe(range);
    expect(await bench.completed('source p = "people.csv" { level: category in | }', '("low", "middle", "high")')).toContain('in ("low", "middle", "high") }');
    expect(await sorted(`${source}release a from people { rows | }`)).toContain('400');
    expect(await sorted(`${source}release a from people { privacy epsilon | }`)).toContain('3');
    expect(await sorted(`${source}release a from people { privacy epsilon 3 delta | }`)).toEqual(['1e-4']);
    expect(await sorted(`${source}augmentation a from people { balance income to | }`)).toContain('50%');
    expect(await sorted(`${source}fairness f from people { demographic_parity of income across sex within | }`)).toContain('0.02');
  });
  test('figures of other purposes are not proposed, and of a release its own come last', async () => {
    const release = await sorted(`${source}release a from people { }\nexpect a { | }`), fair = await sorted(`${source}fairness a from people { }\nexpect a { | }`);
    expect(release[0]).toBe('fidelity.shapes');
    expect(release).not.toContain('target.gap');
    expect(fair.indexOf('target.gap')).toBeLessThan(fair.indexOf('fidelity.shapes'));
    expect(fair).not.toContain('target.missing_information');
  });
  test('in quotes come files and values, no names and no words', async () => {
    expect(await sorted(`${source}transfer t from people { to "|" }`)).not.toContain('people');
    expect(await sorted(`${source}transfer t from people { to | }`)).toContain('people');
    expect(await sorted('source p = "people.csv" { `hou|` }')).toEqual(['hours-per-week']);
  });
});

test('names as the terminal writes them are understood well enough to be corrected', async () => {
  const generator = `${source}release a from people { generator gaussian-copula }`;
  expectError(await bench.validate(generator), 'There is no generator gaussian-copula: in this language it is gaussian_copula.');
  expect((await fixes(generator, 'no-generator')).apply(/^Change to gaussian_copula$/)).toContain('generator gaussian_copula }');
  const metric = `${source}release a from people { }\nexpect a { fidelity.two-sample <= 0.6 }`;
  expect((await fixes(metric, 'no-metric')).apply(/^Change to fidelity.two_sample$/)).toContain('{ fidelity.two_sample <= 0.6 }');
});

test('a file that is gone stops no other from being read', async () => {
  const gone = await bench.open(source, 'gone.synth'), other = await bench.open(source, 'stays.synth'), { DocumentBuilder } = bench.language.shared.workspace;
  rmSync(join(bench.folder, 'gone.synth'));
  bench.write('stays.synth', `${source}release later from people { rows 5 }\n`);
  // As when a file that was never saved is closed, and another one changes.
  await DocumentBuilder.update([gone.uri, other.uri], []);
  expect([...bench.language.targets(other).keys()]).toEqual(['later']);
});

test('half an emoji in a path is a file that is not there, and leads nowhere impossible', async () => {
  // Found by the fuzzer: no URI can be made of half a character.
  const text = 'source a = "peo\ud83dple.csv" {\n  age: integer\n}\n', document = bench.language.shared.workspace.LangiumDocumentFactory.fromString(text, URI.file(join(bench.folder, 'half.synth')));
  bench.language.shared.workspace.LangiumDocuments.addDocument(document);
  await bench.language.shared.workspace.DocumentBuilder.build([document], { validation: true });
  const found = await bench.language.synth.lsp.DefinitionProvider!.getDefinition(document, { textDocument: { uri: document.uri.toString() }, position: position(text, 'peo') });
  expect(found!.map((l) => URI.parse(l.targetUri).fsPath)).toEqual([join(bench.folder, 'peo\ufffdple.csv')]);
  bench.language.shared.workspace.LangiumDocuments.deleteDocument(document.uri);
});
