import { expect, it } from 'vitest';
import { score, share } from '../../webview/format';
import { decimal, percent, range } from './words';

it('scores are written as the report\'s tables write them', () => {
  for (const x of [0, 0.0004, 0.05, 0.523, 0.939, 0.9994, 0.9995, 0.9996, 0.99999, 0.9999997, 1, 1.2]) expect(decimal(x)).toBe(score(x));
  expect([decimal(-0.0001), decimal(-0.05), decimal(0.97, 2), range(0.512, 1), decimal(0.9995), decimal(0.9999997)]).toEqual(['0.000', '-0.050', '0.97', '0.512 to 1.000', '0.99950', '0.999999']);
});

it('shares keep the digits they deserve, and what is not all is never rounded to all', () => {
  expect([0, 0.00001, 0.00034, 0.0034, 0.0174, 0.234, 0.994, 0.9984, 0.9996, 0.99999, 1].map(percent)).toEqual(['0%', 'under 0.01%', '0.03%', '0.34%', '1.7%', '23%', '99%', '99.84%', '99.96%', 'over 99.99%', '100%']);
  for (const x of [0.9996, 0.99985, 0.99995, 0.99999, 1]) expect(share(x)).toBe(percent(x));
});
