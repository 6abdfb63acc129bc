import type { Faker } from './faker';
import { mentionsGivenName } from '../personal/givenNames';
import { titles } from '../personal/values';
import { nameWords } from '../kinds/words';
import type { Stream } from '../../random';

/** How a column writes names, decided by majorities, never by a single cell. */
interface NameShape { form: 'first' | 'last' | 'first last' | 'last, first'; title: number; middle: number; letters: 'upper' | 'lower' | 'as is' }

const share = (values: readonly string[], test: (v: string) => boolean) => values.filter(test).length / Math.max(1, values.length);
const anyTitle = new RegExp(String.raw`(?:^|, |\s)${titles}\.?\s`, 'u');

export function nameShape(name: string, sample: readonly string[]): NameShape {
  const words = nameWords(name), has = (...list: string[]) => words.some((w) => list.includes(w));
  const letters = share(sample, (v) => v === v.toUpperCase()) > 0.9 ? 'upper' : share(sample, (v) => v === v.toLowerCase()) > 0.9 ? 'lower' : 'as is';
  const bare = sample.map((v) => v.replace(new RegExp(String.raw`(^|, |\s)${titles}\.?\s`, 'u'), '$1'));
  // To one figure: how usual titles and middle names are is all that is kept.
  const title = Math.round(10 * share(sample, (v) => anyTitle.test(v))) / 10;
  if (share(sample, (v) => v.includes(', ')) > 0.5) return { form: 'last, first', title, middle: Math.round(10 * share(bare, (v) => (v.split(', ')[1] ?? '').split(/\s+/).length > 1)) / 10, letters };
  if (share(bare, (v) => /\s/.test(v.trim())) > 0.5) return { form: 'first last', title, middle: Math.round(10 * share(bare, (v) => v.trim().split(/\s+/).length > 2)) / 10, letters };
  const last = has('surname', 'surnames', 'lastname', 'familyname', 'nachname', 'apellido', 'apellidos', 'last') || (!has('first', 'firstname', 'forename', 'givenname', 'vorname', 'prenom') && share(sample, mentionsGivenName) < 0.4);
  return { form: last ? 'last' : 'first', title: 0, middle: 0, letters };
}

/** Draws names of a shape. `wider()` draws from a larger space, for when the plain one holds too few that are not real. */
export function nameSampler(shape: NameShape, faker: Faker, stream: Stream): { draw(): string; wider(): string } {
  const cased = (v: string) => (shape.letters === 'upper' ? v.toUpperCase() : shape.letters === 'lower' ? v.toLowerCase() : v);
  const build = (last: () => string, first: (sex: 'female' | 'male') => string) => {
    const sex = stream.below(2) === 0 ? 'female' as const : 'male' as const;
    if (shape.form === 'last') return cased(last());
    if (shape.form === 'first') return cased(first(sex));
    const title = stream.uniform() < shape.title ? (sex === 'male' ? 'Mr. ' : stream.pick(['Mrs. ', 'Miss. ', 'Ms. '])) : '';
    const given = first(sex) + (stream.uniform() < shape.middle ? ' ' + faker.person.firstName(sex) : '');
    return cased(shape.form === 'last, first' ? `${last()}, ${title}${given}` : `${title}${given} ${last()}`);
  };
  const last = () => faker.person.lastName(), first = (sex: 'female' | 'male') => faker.person.firstName(sex);
  return {
    draw: () => build(last, first),
    wider: () => build(() => `${last()}-${last()}`, shape.form === 'first' ? (sex) => `${first(sex)}-${first(sex)}` : first),
  };
}
