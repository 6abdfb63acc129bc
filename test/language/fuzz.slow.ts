import { expect, test } from 'vitest';
import { connect } from '../conformance/client';
import { fuzz } from './fuzz';
import { fuzzServer } from './fuzz-server';

/** `npx vitest run -c vitest.slow.config.ts test/language/fuzz.slow.ts`; what it found last stands in bench/README.md, under Speed. */

test('100,000 mutated files: no crash, and none takes a second', async () => {
  for (let part = 0; part < 100; part++) {
    const { slowest, text } = await fuzz(1000, 1000 + part);
    expect(slowest, text).toBeLessThan(1000);
    // A busy machine takes an hour: how far it came is told, for whoever has to stop it.
    if (part % 5 === 4) console.log(`${part + 1},000 files, the last thousand's slowest ${slowest.toFixed(0)} ms`);
  }
});

test('5,000 over stdio: the server stays alive', async () => {
  const client = await connect((before) => before.onRequest((_method: string) => null));
  try {
    const { answered } = await fuzzServer(client.connection, 5000, 7);
    expect(answered).toBeGreaterThan(5000);
  } finally {
    client.close();
  }
});
