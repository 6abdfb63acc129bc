import { afterAll, describe, expect, test } from 'vitest';
import { expectClean, expectError, expectWarning, messages, people, source, Workbench } from './fixture';

const bench = new Workbench({
  'people.csv': people(), 'census.csv': people(200, 7),
  'adult.csv': 'age,hours-per-week,education,income,sex,race,capital-gain,capital-loss,occupation\n' + Array.from({ length: 300 }, (_, i) => `${17 + (i * 7) % 74},${1 + (i * 11) % 99},${['Preschool', 'Bachelors', 'Masters', 'Doctorate'][i % 4]},${i % 3 ? '<=50K' : '>50K'},${i % 2 ? 'Male' : 'Female'},${['White', 'Black'][i % 5 ? 0 : 1]},${i % 10 ? 0 : i * 3 + 1},${i % 10 === 1 ? i : 0},${['Sales', 'Armed-Forces', 'Tech'][i % 3]}`).join('\n') + '\n',
  'hospitalA.csv': people(100, 2), 'hospitalB.csv': people(100, 3),
  'visits.csv': 'patient,time,bloodpressure,cholesterol,dose\n' + Array.from({ length: 200 }, (_, i) => `${Math.floor(i / 10)},${i % 10},${i % 7 ? 100 + (i % 40) : ''},${i % 9 ? 150 + (i % 60) : ''},${i % 3}`).join('\n') + '\n',
});
afterAll(() => bench.dispose());

/** The issue's own example, with the two sources it leaves out. */
const example = `language 1
source adult = "adult.csv" {
  age: integer in 17..90
  education: category ordered ("Preschool", ..., "Doctorate")
  income: category outcome positive ">50K"
  sex, race: category sensitive
  rule hours: \`hours-per-week\` <= 99
  rule gains: \`capital-gain\` = 0 or \`capital-loss\` = 0
}
source hospitalA = "hospitalA.csv"
source visits = "visits.csv"

release public from adult { rows 30000  releases 5  privacy epsilon 3 delta 1e-6  generator ca_dasg { contexts sex, education } }
augmentation rare from adult { where occupation = "Armed-Forces" rows 500   balance income to 50% }
fairness hiring from adult { demographic_parity of income across sex within 0.02   keep utility >= 0.95 }
transfer siteB from hospitalA { to "hospitalB.csv" labels none  using optimal_transport }
completion filled from visits { impute bloodpressure, cholesterol  releases 20 }
completion next from visits { forecast 24 by patient order by time  given dose = 2 }

expect public { fidelity.shapes >= 0.95   privacy.dcr_share <= 0.52   utility.tstr_auc >= 0.9 of real }
`;

test('the example of the design says what it means', async () => {
  const document = await bench.open(example);
  expectClean(document.diagnostics ?? []);
  const plans = Object.fromEntries(await Promise.all(['public', 'rare', 'hiring', 'siteB', 'filled', 'next'].map(async (name) => [name, await bench.language.compile(document, name)] as const)));
  expect(plans.public.request).toMatchObject({ rows: 30000, outcome: 'income', positive: '>50K', sensitive: ['sex', 'race'], columns: { age: { kind: 'integer', domain: { min: 17, max: 90 } }, education: { kind: 'ordinal', domain: { values: ['Preschool', 'Bachelors', 'Masters', 'Doctorate'] } } } });
  expect(plans.public.declared).toMatchObject({ purpose: 'release', target: { purpose: 'release', releases: 5 }, privacy: { epsilon: 3, delta: 1e-6, unit: 'row', domains: { age: { min: 17, max: 90 } } } });
  expect(plans.public.request).toMatchObject({ generator: 'ca-dasg', parameters: { contexts: 'sex,education' } });
  expect(plans.public.declared.rules).toEqual([
    { name: 'hours', type: 'row', condition: { type: 'compare', op: '<=', left: { type: 'column', column: 'hours-per-week' }, right: { type: 'value', value: '99' } } },
    { name: 'gains', type: 'row', condition: { type: 'or', of: [{ type: 'compare', op: '=', left: { type: 'column', column: 'capital-gain' }, right: { type: 'value', value: '0' } }, { type: 'compare', op: '=', left: { type: 'column', column: 'capital-loss' }, right: { type: 'value', value: '0' } }] } },
  ]);
  expect(plans.rare.declared.target).toEqual({ purpose: 'augmentation', strata: [{ where: { type: 'compare', op: '=', left: { type: 'column', column: 'occupation' }, right: { type: 'value', value: 'Armed-Forces' } }, rows: 500 }], balance: [{ column: 'income', shares: { '>50K': 0.5 } }] });
  expect(plans.hiring.declared.target).toEqual({ purpose: 'fairness', criterion: 'demographic_parity', outcome: 'income', positive: '>50K', sensitive: ['sex'], within: 0.02, level: 'data', keepUtility: 0.95 });
  expect(plans.siteB.declared.target).toMatchObject({ purpose: 'transfer', labels: 'none', using: 'optimal_transport' });
  expect((plans.siteB.declared.target as { to: string }).to).toBe(`${bench.folder}/hospitalB.csv`);
  expect(plans.filled.declared.target).toEqual({ purpose: 'completion', task: 'impute', columns: ['bloodpressure', 'cholesterol'], releases: 20, proper: true });
  expect(plans.next.declared.target).toEqual({ purpose: 'completion', task: 'forecast', steps: 24, by: 'patient', order: 'time', given: { dose: '2' } });
});

test('a declaration is known again by its words, not by its spaces and comments', async () => {
  const hash = async (text: string) => (await bench.language.compile(await bench.open(text, 'same.synth'), 'a')).declared.origin!.declaration;
  const text = 'source people = "people.csv" { age: integer }\nrelease a from people { rows 10 }\n', first = await hash(text);
  bench.language.shared.workspace.LangiumDocuments.deleteDocument((await bench.open(text, 'same.synth')).uri);
  expect(await hash(text.replace('rows 10', '/* so many */ rows\n   10'))).toBe(first);
  bench.language.shared.workspace.LangiumDocuments.deleteDocument((await bench.open(text, 'same.synth')).uri);
  expect(await hash(text.replace('rows 10', 'rows 11'))).not.toBe(first);
});

describe('at once', () => {
  test.each<[string, string, string]>([
    ['another major version', source.replace('language 1', 'language 2'), 'This file is written in version 2'],
    ['a version of four numbers', source.replace('language 1', 'language 1.0.0.5'), '"1.0.0.5" is no version'],
    ['a name twice', `${source}source people = "people.csv"`, 'There is a source people already'],
    ['a column twice', source.replace('city: category', 'city: category\n  city: category'), 'The column city is declared already'],
    ['two outcomes', source.replace('city: category', 'city: category outcome'), 'A source has one outcome'],
    ['two kinds', source.replace('city: category', 'city: category integer'), 'A column has one kind'],
    ['an empty range', source.replace('17..90', '90..17'), 'The range is empty'],
    ['order of numbers', source.replace('age: integer in 17..90', 'age: integer ordered ("a")'), 'Only categories are ordered'],
    ['a clause of another purpose', `${source}release a from people { impute city }`, '`impute` belongs to completion'],
    ['a clause twice', `${source}release a from people { seed 1 seed 2 }`, 'This is said already'],
    ['no whole number', `${source}release a from people { rows 1.5 }`, 'A number of rows is whole'],
    ['a share above one', `${source}augmentation a from people { where age > 50 share 120% }`, 'A share lies above 0'],
    ['shares above one', `${source}augmentation a from people { balance city to "Porto" 60%, "Lyon" 60% }`, 'The shares add up to 120%'],
    ['no generator', `${source}release a from people { generator autoregresive }`, 'Is autoregressive meant?'],
    ['no setting', `${source}release a from people { generator independent { epoch 3 } }`, 'has no setting epoch'],
    ['a generator without conditions', `${source}augmentation a from people { where age > 50 rows 10 generator ctgan }`, 'cannot draw rows given'],
    ['no metric', `${source}release a from people { }\nexpect a { fidelity.shape >= 0.9 }`, 'Is fidelity.shapes meant?'],
    ['a bound out of reach', `${source}release a from people { }\nexpect a { fidelity.shapes >= 95 }`, 'can never be reached'],
    ['no target', `${source}expect b { fidelity.shapes >= 0.9 }`, 'b'],
    ['a value as a condition', `${source}augmentation a from people { where age rows 10 }`, 'This is a value, not a condition'],
    ['a condition as a value', `${source}augmentation a from people { where (age < 3) < 5 rows 10 }`, 'A value is needed here'],
    ['a pattern that is none', source.replace('city: category', 'rule r: city matches "("'), 'This is no pattern'],
    ['delta above one', `${source}release a from people { privacy epsilon 1 delta 2 }`, 'Delta lies between 0 and 1'],
    ['a word of the language as a name', `${source}augmentation a from people { where age = in rows 10 }`, '`in`'],
    ['used, and not there', `use "none.synth"\n`, 'There is no file none.synth'],
    ['nothing to do', `${source}completion a from people { }`, 'says neither what to impute nor what to forecast'],
    ['forty thousand brackets', `${source}augmentation a from people { where ${'('.repeat(40_000)} }`, 'Nested more than 64 deep'],
  ])('%s', async (_, text, words) => expectError(await bench.validate(text), words));

  test('what is right is left alone', async () => {
    expectClean(await bench.validate(`${source}
augmentation a from people {
  where age in 20..30 and not (city in ("Porto", "Lyon") or level is missing) rows 100
  where \`hours-per-week\` * 2 - 3 <= age + 40 share 10%
  rows 20 per sex, level   age, city like "census.csv"   balance city equally   beside real
}
fairness f from people { equal_opportunity of income = ">50K" across sex within 5% at model level through level, \`hours-per-week\` }
transfer t from people { to "census.csv" labels some using importance }
completion c from people { impute all releases 3 plugin }
completion g from people { forecast 3 by city order by visit given dose = 1, age = 30 }
expect a { fidelity.shapes of age >= 90%  fidelity.two_sample in 0.4..0.6  target.condition >= 100%  target.shares <= 0.01 }
expect f { target.gap <= 5%  target.utility >= 0.9 }
expect t { target.distance <= 0.6  target.weights >= 0.1 }
expect c { target.missing_information <= 0.5  target.observed >= 100% }
`));
  });

  test('sizes per combination hold among the rows that meet a condition, on the same line or the next', async () => {
    for (const between of [' ', '\n  ']) {
      const document = await bench.open(`${source}augmentation a from people {\n  where age > 40 or city = "Lyon"${between}rows 5 per sex, level\n  where age <= 40 rows 7\n  rows 20 per city\n}\n`);
      expectClean(document.diagnostics ?? []);
      const { declared } = await bench.language.compile(document, 'a');
      expect((declared.target as { strata: unknown[] }).strata).toMatchObject([{ where: { type: 'or' }, rows: 5, per: ['sex', 'level'] }, { where: { type: 'compare' }, rows: 7 }, { where: { type: 'and', of: [] }, rows: 20, per: ['city'] }]);
    }
    expect((await bench.complete(`${source}augmentation a from people { where age > 40 rows 5 | }`)).map((i) => i.label)).toContain('per');
    expect((await bench.complete(`${source}augmentation a from people { where age > 40 rows 5 per | }`)).map((i) => i.label)).toEqual(expect.arrayContaining(['sex', 'level']));
    expectError(await bench.validate(`${source}augmentation a from people { where age > 40 rows 5 per sxe }`), 'Is sex meant?');
  });

  test('versions of one, two and three numbers are read; one of a later minor version with a warning', async () => {
    for (const version of ['1', '1.0', '1.0.0', '1.0.12']) expectClean(await bench.validate(source.replace('language 1', `language ${version}`)));
    expectWarning(await bench.validate(source.replace('language 1', 'language 1.3.0')), 'it is written in 1.3.0');
  });

  test('a figure of another purpose is none of this target', async () => expectWarning(await bench.validate(`${source}release a from people { }\nexpect a { target.gap <= 0.1 }`), 'is a figure of fairness; a target of release has none'));
});

describe('with the data', () => {
  test('columns that are not there, with the one that is meant', async () => {
    expectError(await bench.validate(source.replace('city:', 'ctiy:')), 'people.csv has no column ctiy. Is city meant?');
    expectError(await bench.validate(`${source}augmentation a from people { where aeg > 3 rows 5 }`), 'Is age meant?');
  });
  test('a file that is not there', async () => expectError(await bench.validate('source x = "none.csv"'), 'There is no such file'));
  test('values that do not occur', async () => expectWarning(await bench.validate(`${source}augmentation a from people { where city = "Prto" rows 5 }`), 'Is "Porto" meant?'));
  test('a range that cuts rows, and how many', async () => {
    const [message] = messages(await bench.validate(source.replace('17..90', '17..40')), 2);
    const share = people().split('\n').slice(1, -1).filter((l) => Number(l.split(',')[0]) > 40).length / 400;
    expect(Math.abs(Number(/leaves out (\d+)%/.exec(message)![1]) / 100 - share)).toBeLessThan(0.03);
  });
  test('a list that leaves values out', async () => expectWarning(await bench.validate(source.replace('city: category', 'city: category in ("Porto", "Lyon", "Graz")')), /leaves out \d+% of the rows: the file also has "Ghent"/));
  test('too few rows for a condition', async () => {
    expectWarning(await bench.validate(`${source}augmentation a from people { where age > 200 rows 5 }`), 'No row of the source meets this condition');
    expectWarning(await bench.validate(`${source}augmentation a from people { where age > 84 and city = "Porto" rows 5 }`), /At most \d+ rows? of the source/);
  });
  test('a budget that cannot support the table', async () => expectWarning(await bench.validate(`${source}release a from people { privacy epsilon 0.1 delta 1e-6 }`), 'The table is too small for this guarantee'));
  test('a generator of which a budget leaves nothing', async () => expectWarning(await bench.validate(`${source}release a from people { generator ctgan { }  privacy epsilon 3 delta 1e-6 }`), 'worse than columns by themselves'));
  test('delta against the number of rows', async () => expectError(await bench.validate(`${source}release a from people { privacy epsilon 1 delta 0.01 }`), '1/400'));
  test('an outcome that another column gives away', async () => {
    bench.write('leak.csv', 'outcome,copy,x\n' + Array.from({ length: 200 }, (_, i) => `${i % 7},${i % 7},${(i * 31) % 90}`).join('\n') + '\n');
    expectWarning(await bench.validate('source l = "leak.csv" { outcome: integer outcome  copy: integer  x: integer }'), 'gives the outcome away');
  });
  test('kinds the file does not bear out', async () => expectWarning(await bench.validate(source.replace('city: category', 'city: integer')), 'cannot be read as integer'));
  test('balancing without a positive value asks for one', async () => expectError(await bench.validate(`${source}augmentation a from people { balance city to 30% }`), 'Which value of city is to have 30%?'));
});

test('files use one another', async () => {
  bench.write('sources.synth', source);
  expectClean(await bench.validate('use "sources.synth"\nrelease a from people { rows 5 }\nexpect a { fidelity.shapes >= 0.5 }'));
  expectError(await bench.validate('release a from people { rows 5 }'), 'people');
});

test('what does not go with a privacy budget is told beside it', async () => {
  const ruled = (rules: string) => bench.validate(`${source.trimEnd().replace(/}$/, '')}  ${rules}\n}\nrelease r from people { rows 30  releases 5  privacy epsilon 3 delta 1e-6 }`);
  // What a rule says itself is kept by drawing again; what it would take from the table is not.
  expectWarning(await ruled('rule grown: age >= 17\n  rule fit: sex determines level'), 'The rule fit is not kept under a privacy budget');
  expect(messages(await ruled('rule grown: age >= 17'), 2).filter((m) => m.includes('rule'))).toEqual([]);
  // Several tables are made, from one model: told once, unless it is written that one knows.
  const told = (text: string) => bench.validate(`${source}release r from people { rows 30  ${text}  privacy epsilon 3 delta 1e-6 }`);
  const of = (all: Awaited<ReturnType<typeof told>>, severity: 1 | 2 | 3) => messages(all, severity).filter((m) => /tables? come|releases/.test(m));
  const open = await told('releases 5'), plugin = await told('releases 5 plugin'), proper = await told('releases 5 proper'), one = await told('releases 1');
  expect(of(open, 3).join()).toContain('The 5 tables come from one model (plugin), within the budget of one');
  expect([...of(open, 1), ...of(open, 2), ...of(plugin, 1), ...of(plugin, 2), ...of(plugin, 3), ...of(one, 1), ...of(one, 2), ...of(one, 3)]).toEqual([]);
  expectError(proper, 'several tables come from one model (plugin); proper ones');
  // Contexts reach the generator as it wants them, whichever of the two places says them.
  const contextual = async (said: string, more = '') => (await bench.language.compile(await bench.open(`${source.trimEnd().replace(/}$/, '')} ${said}\n}\nrelease r from people { generator ca_dasg ${more} }`), 'r')).request.parameters;
  expect([await contextual('contexts sex, level'), await contextual('', '{ contexts sex, level }'), await contextual('', '{ contexts sex }')]).toEqual([{ contexts: 'sex,level' }, { contexts: 'sex,level' }, { contexts: 'sex' }]);
  const mode = async (text: string) => (await bench.language.compile(await bench.open(`${source}release r from people { ${text} }`), 'r')).declared.target;
  expect(await mode('releases 5 plugin')).toEqual({ purpose: 'release', releases: 5, proper: false });
  expect(await mode('releases 5 proper')).toEqual({ purpose: 'release', releases: 5, proper: true });
  expect(await mode('releases 5')).toEqual({ purpose: 'release', releases: 5 });
});

test('a value that is still to be typed is a mistake of the text, not of ours', async () => {
  for (const given of ['given code =', 'given', 'given = 3']) {
    const found = await bench.validate(`${source}completion c from people { forecast 3 order by start  ${given} }`);
    expect(messages(found, 1).length, given).toBeGreaterThan(0);
    expect(found.map((d) => d.message).join()).not.toContain('An error occurred');
  }
});
