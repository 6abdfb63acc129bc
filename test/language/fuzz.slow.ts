import { expect, test } from 'vitest';
import { fuzz } from './fuzz';

test('100,000 mutated files: no crash, and none takes a second', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { slowest, text } = await fuzz(5000, 100 + seed);
    expect(slowest, text).toBeLessThan(1000);
  }
});
