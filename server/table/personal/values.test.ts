import { describe, expect, it } from 'vitest';
import { hasNameShape, hasTitle, isAddress, isCreditCard, isEmail, isIban, isIp, isPhoneStrong, isPhoneWeak, isSsn, isUrl, isUuid } from './values';

/** Per detector: cells it must take, cells it must refuse. */
const cases: Array<[string, (v: string) => boolean, string[], string[]]> = [
  ['email', isEmail, ['ann@example.org', 'a.b+c@mail.example.co.uk', "o'neil@example.com", 'jürgen@exämple.de'], ['ann@', '@example.org', 'ann at example.org', 'a@b', 'ann@example', '@handle', 'a b@example.org', 'x@example..org']],
  ['url', isUrl, ['https://example.org/a?b=c', 'http://localhost:8080/x', 'www.example.com', 'ftp://example.org/file'], ['example', 'http:/x', 'Mr. Smith', 'a/b/c', 'www']],
  ['uuid', isUuid, ['123e4567-e89b-12d3-a456-426614174000', '{123E4567-E89B-12D3-A456-426614174000}'], ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400', 'g23e4567-e89b-12d3-a456-426614174000']],
  ['ip', isIp, ['192.0.2.1', '2001:db8::1', '10.0.0.0/8', '192.0.2.1:8080', '::1'], ['1.2.3', '256.1.1.1', '1.2.3.4.5', '12:30', '3.14']],
  // The examples of the registry (ISO 13616), then each with a digit changed or a character lost.
  ['iban', isIban, ['GB29 NWBK 6016 1331 9268 19', 'DE89370400440532013000', 'FR1420041010050500013M02606', 'NO9386011117947'], ['GB29 NWBK 6016 1331 9268 18', 'DE8937040044053201300', 'XX89370400440532013000', 'DE00000000000000000000']],
  ['credit card', isCreditCard, ['4111 1111 1111 1111', '5500-0000-0000-0004', '340000000000009', '6011000000000004'], ['4111 1111 1111 1112', '1234567890123', '0000000000000000', '41111111', '9111111111111117']],
  ['ssn', isSsn, ['078-05-1120', '219-09-9999'], ['000-12-3456', '666-12-3456', '912-12-3456', '123-00-4567', '123-45-0000', '123456789', '12-345-6789']],
  ['phone', isPhoneStrong, ['+49 30 901820', '+1-202-555-0143', '(202) 555-0143', '202-555-0143', '202.555.0143', '0044 20 7946 0958', '1-202-555-0143 x12', '+442079460958'], ['2025550143', '12-31-2024', '2024-01-31', '01.02.2024', '3.14159265', '1234', '192.0.2.10', '-202-555-0143', '12345-6789']],
  ['phone where the name says so', isPhoneWeak, ['2025550143', '030/901820', '555 0143', '07911 123456'], ['12', '2024-01-31', 'n/a', '3.14159265', '12345678901234567890']],
  ['address', isAddress, ['10 Downing Street', '221B Baker St, London', 'Hauptstraße 5', '1600 Pennsylvania Ave NW', '12 rue de Rivoli'], ['Street', 'London', '5 apples', 'way of life', 'PC 17599', '12345']],
  ['name shape', hasNameShape, ['Braund, Mr. Owen Harris', 'Maria de la Cruz', 'Jean-Luc Picard', "Sinéad O'Connor", 'Martin Luther King Jr.', 'Cumings, Mrs. John Bradley (Florence Briggs Thayer)'], ['NEAR BAY 3', 'private', 'Smith', 'never married', 'Model T 100', 'a b']],
  ['title', hasTitle, ['Braund, Mr. Owen Harris', 'Dr. Jane Roe', 'Mme. Curie Marie'], ['Owen Braund', 'Drive Slow', 'Sirius Black']],
];

describe.each(cases)('%s', (_, test, yes, no) => {
  it.each(yes)('takes %s', (v) => expect(test(v)).toBe(true));
  it.each(no)('refuses %s', (v) => expect(test(v)).toBe(false));
});
