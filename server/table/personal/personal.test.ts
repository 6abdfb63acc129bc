import { describe, expect, it } from 'vitest';
import { detectPersonal } from './index';

const of = (n: number, make: (i: number) => string) => Array.from({ length: n }, (_, i) => make(i));
const given = ['Anna', 'Peter', 'Maria', 'John', 'Susan', 'Ahmed', 'Laura', 'Paul', 'Julia', 'Omar'], family = ['Novak', 'Smith', 'Garcia', 'Rossi', 'Weber', 'Ito', 'Okafor', 'Larsen', 'Silva', 'Kim', 'Moreau', 'Haddad'];
const person = (i: number) => `${given[i % 10]} ${family[(i * 7) % 12]}son${String.fromCharCode(97 + (i % 26))}`;
const detect = (name: string, values: string[], present = values.length) => detectPersonal({ name, values, present, distinct: new Set(values).size });

/** [what, column name, values, expected] */
const columns: Array<[string, string, string[], string | undefined]> = [
  ['e-mail, whatever the name', 'x1', of(50, (i) => `u${i}@example.org`), 'email'],
  ['e-mail with a few bad cells', 'contact', [...of(45, (i) => `u${i}@example.org`), ...of(5, () => 'unknown')], 'email'],
  ['twitter handles', 'handle', of(50, (i) => `@user${i}`), undefined],
  ['full names', 'customer_name', of(50, person), 'name'],
  ['full names without a telling name', 'x', of(50, person), 'name'],
  ['surnames', 'surname', of(60, (i) => family[i % 12] + String.fromCharCode(97 + (i % 26))), 'name'],
  ['a short list of people', 'name', ['Alan', 'George', 'Fred', 'Steve', 'Nick', 'Will', 'Cole', 'Rick', 'Tom'], 'name'],
  ['a short list of planets', 'name', ['Mars', 'Venus', 'Earth', 'Saturn'], undefined],
  ['product names', 'product_name', of(50, (i) => `Mineral Water ${'ABCDEFGHIJ'[i % 10]}${'abcde'[i % 5]}`), undefined],
  ['product names under "name"', 'name', of(50, (i) => `Mineral ${family[i % 12]}${'abcde'[i % 5]}`), undefined],
  ['countries', 'native-country', ['United-States', 'Cuba', 'Puerto-Rico', 'El-Salvador', 'South', 'Trinadad&Tobago', 'Holand-Netherlands', 'England', 'Germany', 'India', 'Iran', 'Italy'], undefined],
  ['cities', 'city', of(40, (i) => `San ${family[i % 12]}${'abcd'[i % 4]}`), undefined],
  ['phones', 'mobile', of(40, (i) => `0${7911000000 + i * 731}`), 'phone'],
  ['phones without a telling name', 'c', of(40, (i) => `+49 30 90${1000 + i * 13}`), 'phone'],
  ['ten-digit integers', 'revenue', of(40, (i) => String(2025550000 + i * 991)), undefined],
  ['ISO dates', 'day', of(40, (i) => `2024-01-${String(1 + (i % 28)).padStart(2, '0')}`), undefined],
  ['dates under "telephone_date"', 'tel', of(28, (i) => `2024-01-${String(1 + i).padStart(2, '0')}`), undefined],
  ['IPv4', 'client_ip', of(40, (i) => `10.0.${i}.7`), 'ip'],
  ['IPv4 without a telling name', 'x', of(40, (i) => `10.0.${i}.7`), 'ip'],
  ['version numbers', 'version', ['1.0.0.1', '1.0.0.2', '1.2.0.0', '2.0.0.0'], undefined],
  ['IBANs', 'x', ['DE89370400440532013000', 'GB29NWBK60161331926819', 'FR1420041010050500013M02606', 'NO9386011117947'], 'iban'],
  ['cards', 'n', ['4111111111111111', '5500000000000004', '6011000000000004', '340000000000009'], 'credit-card'],
  ['sixteen-digit numbers that are no cards', 'n', of(60, (i) => String(4000000000000000 + i * 7919)), undefined],
  ['SSN', 'x', of(30, (i) => `${100 + i}-45-${1000 + i}`), 'ssn'],
  ['addresses', 'address', of(40, (i) => `${i + 1} ${family[i % 12]} Street`), 'address'],
  ['web addresses', 'link', of(40, (i) => `https://example.org/${i}`), 'url'],
  ['two servers', 'source', ['https://a.example', 'https://b.example', 'https://c.example'], undefined],
  ['occupations', 'occupation', ['Adm-clerical', 'Exec-managerial', 'Handlers-cleaners', 'Prof-specialty', 'Other-service', 'Sales', 'Craft-repair', 'Transport-moving', 'Farming-fishing', 'Tech-support', 'Armed-Forces'], undefined],
  ['tickets', 'Ticket', of(40, (i) => `PC ${17000 + i * 37}`), undefined],
  ['prices', 'tel_price', of(40, (i) => (i * 1.37).toFixed(2)), undefined],
];
describe('detectPersonal', () => {
  it.each(columns)('%s (%s)', (_, name, values, expected) => expect(detect(name, values)).toBe(expected));
  it('leaves a surname column of few values alone', () => expect(detect('surname', family, 5000)).toBe(undefined));
  it('needs three values', () => expect(detect('email', ['a@example.org', 'b@example.org'])).toBe(undefined));
});
