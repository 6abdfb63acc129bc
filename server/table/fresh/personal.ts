import type { PersonalKind } from '../../protocol';
import { luhn } from '../personal/values';
import { fakerFrom, type Faker } from './faker';
import { freshIdentifiers, repeating, thin, type RealCells } from './identifier';
import { nameSampler, nameShape } from './names';
import { patternSampler } from './pattern';
import { Seen } from './seen';
import { Stream } from '../../random';

/** Draws one value; `wider`, if there is one, draws from a larger space when the first holds too few values that are not real. */
interface Sampler { draw(): string; wider?(): string }

/**
 * Invented personal data in the column's own shape. Reserved ranges are used wherever the format has them, so that nothing
 * reaches a real person: example.com/.org/.net (RFC 2606), IP addresses 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32 (RFC 5737, 3849),
 * social security numbers from area 900, which is never issued. Account and card numbers have right check digits.
 */
export async function freshPersonal(name: string, kind: PersonalKind, real: RealCells, rows: number, seed: number | string): Promise<string[]> {
  if (kind === 'uuid') return freshIdentifiers(real, rows, seed, true);
  const stream = new Stream(seed, `personal ${kind}`), sample = thin(real.cells, 2000);
  const unique = real.distinct / Math.max(1, real.cells.length);
  const sampler = samplerOf(name, kind, sample, await fakerFrom(stream), stream, Math.ceil(rows * unique));
  const actual = new Seen(real.distinct, seed), given = new Seen(rows, seed);
  for (const v of real.cells) actual.add(v);
  const wider = sampler.wider ?? sampler.draw;
  return repeating(() => {
    let v = '';
    for (let attempt = 0; attempt < 60; attempt++) {
      v = attempt < 12 ? sampler.draw() : wider();
      // Past 40 tries the space is full: repeat an invented value rather than use a real one.
      if (!actual.has(v) && (given.add(v) || attempt >= 40)) return v;
    }
    return v;
  }, rows, unique, stream);
}

function samplerOf(name: string, kind: PersonalKind, sample: readonly string[], faker: Faker, stream: Stream, needed: number): Sampler {
  const share = (test: (v: string) => boolean) => sample.filter(test).length / Math.max(1, sample.length);
  const domain = () => stream.pick(['example.com', 'example.org', 'example.net']);
  const plain = (v: string) => v.normalize('NFKD').toLowerCase().replace(/[^a-z]/g, '');
  switch (kind) {
    case 'name': return nameSampler(nameShape(name, sample), faker, stream);
    case 'email': {
      const upper = share((v) => v === v.toUpperCase()) > 0.9;
      const make = (number: boolean) => () => {
        const v = `${plain(faker.person.firstName())}.${plain(faker.person.lastName())}${number ? stream.below(10_000) : ''}@${domain()}`;
        return upper ? v.toUpperCase() : v;
      };
      return { draw: make(false), wider: make(true) };
    }
    case 'phone': return { draw: phoneSampler(sample, stream) };
    case 'iban': {
      const spaced = share((v) => v.includes(' ')) > 0.5, countries = new Set(sample.map((v) => v.slice(0, 2).toUpperCase()));
      // One country in every row is the column's format; the mix of several would be learnt, so a fixed one replaces it.
      const mix = countries.size === 1 && sample.length >= 5 ? [...countries] : ['DE', 'FR', 'GB', 'ES', 'IT', 'NL'];
      return { draw: () => faker.finance.iban({ formatted: spaced, countryCode: stream.pick(mix) }) };
    }
    case 'ip': return { draw: ipSampler(sample, stream, needed) };
    case 'url': {
      const scheme = share((v) => /^https:/i.test(v)) >= 0.5 ? 'https://' : share((v) => /^www\./i.test(v)) > 0.5 ? 'www.' : 'http://';
      const deep = share((v) => /^(?:\w+:\/\/)?[^/]+\/[^/]/.test(v)) > 0.5;
      const make = (words: number) => () => `${scheme}${words > 1 || !deep ? plain(faker.lorem.word()) + '.' : ''}${domain()}${deep ? '/' + faker.lorem.slug(words) : ''}`;
      return { draw: make(deep ? 2 : 1), wider: () => make(3)() + (deep ? '-' : '/') + stream.below(1e6) };
    }
    case 'credit-card': return { draw: cardSampler(sample, stream) };
    case 'ssn': {
      const like = sample.find((v) => /^\d{3}.?\d{2}.?\d{4}$/.test(v)) ?? '000-00-0000', separator = /\D/.exec(like)?.[0] ?? '';
      const number = (n: number, width: number) => String(n).padStart(width, '0');
      return { draw: () => [number(900 + stream.below(100), 3), number(1 + stream.below(99), 2), number(1 + stream.below(9999), 4)].join(separator) };
    }
    case 'address': {
      const parts = Math.round(sample.reduce((n, v) => n + v.split(',').length, 0) / Math.max(1, sample.length));
      return { draw: () => faker.location.streetAddress() + (parts >= 2 ? `, ${faker.location.city()}` : '') + (parts >= 3 ? `, ${faker.location.state({ abbreviated: true })} ${faker.location.zipCode('#####')}` : '') };
    }
    case 'uuid': throw new Error('unreachable');
  }
}

/** The digit pattern of the column; a country code that every row shares stays. */
function phoneSampler(sample: readonly string[], stream: Stream): () => string {
  const code = /^(\+\d{1,3})(?=[\s().-])/.exec(sample[0] ?? '')?.[1];
  if (code !== undefined && sample.every((v) => v.startsWith(code) && /[\s().-]/.test(v[code.length] ?? ''))) {
    const rest = patternSampler(sample.map((v) => v.slice(code.length)), stream);
    return () => code + rest();
  }
  return patternSampler(sample.length > 0 ? sample : ['555-0100'], stream);
}

/** Documentation ranges; when they hold too few addresses, the benchmarking range (RFC 2544) and then the reserved one (RFC 1112). */
function ipSampler(sample: readonly string[], stream: Stream, needed: number): () => string {
  const six = Math.round(10 * (sample.filter((v) => (v.match(/:/g) ?? []).length > 1).length / Math.max(1, sample.length))) / 10;
  const suffix = sample.length > 0 && sample.every((v) => /\/\d+$/.test(v)) ? '/24' : '', port = sample.length > 0 && sample.every((v) => /\.\d+:\d+$/.test(v));
  const byte = () => stream.below(256), group = () => stream.below(65536).toString(16);
  const four = () => needed < 400 ? `${stream.pick(['192.0.2', '198.51.100', '203.0.113'])}.${byte()}` : needed < 60_000 ? `198.${18 + stream.below(2)}.${byte()}.${byte()}` : `${240 + stream.below(15)}.${byte()}.${byte()}.${byte()}`;
  return () => stream.uniform() < six ? `2001:db8:${group()}:${group()}:${group()}:${group()}:${group()}:${group()}` : four() + suffix + (port ? `:${1024 + stream.below(64512)}` : '');
}

function cardSampler(sample: readonly string[], stream: Stream): () => string {
  const pattern = patternSampler(sample, stream);
  return () => {
    const text = pattern(), digits = text.replace(/\D/g, '').split('');
    const start = digits.length === 15 ? '37' : stream.pick(['40', '51', '52', '53', '54', '55']);
    digits[0] = start[0]; digits[1] = start[1];
    for (let check = 0; check < 10; check++) { digits[digits.length - 1] = String(check); if (luhn(digits.join(''))) break; }
    let at = 0;
    return text.replace(/\d/g, () => digits[at++]);
  };
}
