import type { Kind, PersonalKind } from '../../protocol';
import type { Column } from '../table';
import { detectPersonal } from '../personal/index';
import type { Facts } from './facts';
import { scaleOrder } from './scales';
import { codedWords, hasWord, identifierWords, indexWords, nameWords, temporalWords } from './words';

export interface Decision { kind: Kind; personal?: PersonalKind; order?: string[]; /** in words, for the profile and for tests that fail */ why: string }

/** Values in fewer rows than this cannot be emitted under default value protection, so a column made of them cannot be learnt. */
const protectedBelow = 5;

const set = (text: string) => new Set(text.split(/\s+/));
const quantityWords = set('count size number num n score rate total amount avg average mean sum min max percent pct perc ratio age year years days months hours length width height weight price value cost income balance limit quantity qty level points freq frequency share prob probability');
const postalWords = set('zip zipcode postcode postalcode postal plz fips naics sic');
const booleanPairs = [['0', '1'], ['0.0', '1.0'], ['false', 'true'], ['f', 't'], ['no', 'yes'], ['n', 'y'], ['off', 'on'], ['nein', 'ja'], ['non', 'oui'], ['no', 'si'], ['no', 'sí'], ['absent', 'present'], ['inactive', 'active']];

/** What a column is, from the kind its cells' form gave it (number, temporal, words), what they say together, and its name. */
export function decideKind(column: Column, facts: Facts): Decision {
  const { schema } = column;
  if (facts.present === 0) return { kind: 'constant', why: 'every cell is missing' };
  if (facts.distinct === 1 && facts.present === facts.rows) return { kind: 'constant', why: 'one value in every row' };
  if (schema.kind === 'date' || schema.kind === 'time' || schema.kind === 'datetime') return { kind: schema.kind, why: 'dates or times' };
  return facts.numbers ? decideNumber(schema.name, schema.kind, facts, facts.numbers) : decideWords(schema.name, facts);
}

type NumberFacts = NonNullable<Facts['numbers']>;

function decideNumber(name: string, structural: Kind, facts: Facts, numbers: NumberFacts): Decision {
  const words = nameWords(name), { distinct, present } = facts;
  if (numbers.whole) {
    if (distinct === 2 && numbers.min === 0 && numbers.max === 1) return { kind: 'boolean', why: 'only 0 and 1' };
    const personal = distinct >= 10 ? detectPersonal({ name, values: facts.sample, present, distinct }) : undefined;
    if (personal === 'phone' || personal === 'credit-card' || personal === 'ssn') return { kind: 'personal', personal, why: `numbers in the form of a ${personal}` };
    const id = identifierNumber(words, facts, numbers);
    if (id) return id;
    if (hasWord(words, postalWords) && !hasWord(words, quantityWords)) return distinct > 50 && distinct > 0.9 * present ? { kind: 'identifier', why: 'codes, one a row' } : { kind: 'category', why: 'numbers that are codes' };
    if (hasWord(words, codedWords) && distinct <= 50 && !hasWord(words, quantityWords)) return { kind: 'category', why: 'few whole numbers, and a name that says code' };
  }
  // "1.0" in every cell is a real to a reader of cells; how it is written stays in the column's format.
  return { kind: structural === 'integer' || structural === 'real' ? structural : numbers.whole ? 'integer' : 'real', why: 'numbers' };
}

/**
 * Whole numbers that name a record rather than measure it. A name such as "customer_id" decides together with how seldom values
 * repeat; without one, only an unbroken count or unique numbers of one great length do: salaries, weights and prices
 * are often unique, and never identifiers.
 */
function identifierNumber(words: string[], facts: Facts, numbers: NumberFacts): Decision | undefined {
  const { distinct, present, rows } = facts;
  const temporal = hasWord(words, temporalWords), named = hasWord(words, identifierWords) && !temporal && !words.some((w) => w === 'count' || w === 'score');
  const indexNamed = words.length === 0 || (words.every((w) => indexWords.has(w) || /^\d+$/.test(w)));
  if (numbers.step !== undefined && !temporal) {
    if ((named || indexNamed) && rows >= 3) return { kind: 'identifier', why: `counts up by ${numbers.step} in every row` };
    if (Math.abs(numbers.step) === 1 && rows >= 50) return { kind: 'identifier', why: 'counts up by 1 in every row' };
  }
  if (indexNamed && distinct === present && present >= 20 && numbers.min >= 0 && numbers.max - numbers.min < 2 * present) return { kind: 'identifier', why: 'a row index in another order' };
  if (named) {
    if (distinct >= 0.5 * present || (distinct > 50 && present / distinct < 20) || distinct > 1000) return { kind: 'identifier', why: 'a name that says identifier, and values that seldom repeat' };
    return { kind: 'category', why: 'few identifiers, each in many rows: a code' };
  }
  if (!temporal && present >= 200 && distinct >= 0.999 * present && numbers.min >= 1e8) {
    const digits = String(numbers.min).length;
    const unixTime = (numbers.min >= 9.4e8 && numbers.max < 2.2e9) || (numbers.min >= 9.4e11 && numbers.max < 2.2e12);
    if (digits >= 9 && String(numbers.max).length === digits && !unixTime && !hasWord(words, quantityWords)) return { kind: 'identifier', why: `unique numbers of ${digits} digits` };
  }
  return undefined;
}

function decideWords(name: string, facts: Facts): Decision {
  const words = nameWords(name), { distinct, present, sample } = facts;
  const personal = detectPersonal({ name, values: sample, present, distinct });
  // A UUID names a record, and its form is all there is to keep.
  if (personal === 'uuid') return { kind: 'identifier', personal, why: 'UUIDs' };
  if (personal) return { kind: 'personal', personal, why: `values in the form of personal data (${personal})` };
  if (distinct === 2) {
    const pair = sample.map((v) => v.trim().toLowerCase()).sort();
    if (booleanPairs.some(([a, b]) => [a, b].sort().join('\0') === pair.join('\0'))) return { kind: 'boolean', why: `only ${sample.join(' and ')}` };
  }
  const order = distinct <= 40 ? scaleOrder(sample) : undefined;
  if (order) return { kind: 'ordinal', order, why: 'values of one ordered scale' };

  const ratio = distinct / present, shape = shapeOf(sample);
  if (hasWord(words, identifierWords) && !hasWord(words, temporalWords) && shape.words < 4 && (shape.code > 0.5 || ratio > 0.95) && distinct >= 3) {
    if (ratio >= 0.5 || (distinct > 50 && present / distinct < 20) || distinct > 1000) return { kind: 'identifier', why: 'a name that says identifier, and values that seldom repeat' };
    return { kind: 'category', why: 'few identifiers, each in many rows: a code' };
  }
  if (distinct >= 20 && ratio >= 0.95 && shape.code >= 0.9) return { kind: 'identifier', why: 'nearly unique codes' };
  if (distinct >= 20 && ((shape.words >= 4 && shape.length >= 20 && ratio >= 0.3) || (shape.words >= 8 && ratio >= 0.1))) return { kind: 'text', why: 'long and nearly unique: free text' };
  if (distinct >= 20 && (ratio >= 0.95 || learnableShare(facts) < 0.1)) {
    // Nothing here could be emitted under value protection but "other".
    return shape.code >= 0.6 ? { kind: 'identifier', why: 'codes that hardly repeat' } : { kind: 'text', why: 'words that hardly repeat' };
  }
  return { kind: 'category', why: 'values that repeat' };
}

/** Share of the present rows whose value is in enough rows to be emitted. */
function learnableShare({ counts, present }: Facts): number {
  let rows = 0;
  for (const c of counts ?? []) if (c >= protectedBelow) rows += c;
  return rows / present;
}

/** Means over the sample: words and characters a value has, and the share that look like codes (short, few words, and a digit or capitals only). */
function shapeOf(sample: readonly string[]): { words: number; length: number; code: number } {
  let words = 0, length = 0, code = 0;
  for (const v of sample) {
    const n = v.trim().split(/\s+/).length;
    words += n; length += v.length;
    if (v.length <= 64 && n <= 4 && (/\d/.test(v) ? !/\p{Ll}{5,}\s+\p{L}/u.test(v) : /^[\p{Lu}_./-]{1,8}$/u.test(v))) code++;
  }
  const total = Math.max(1, sample.length);
  return { words: words / total, length: length / total, code: code / total };
}
