/** Mocha's side of the contract with the extension host: `run()` rejects when a test failed. Counts go to a file for the harness. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export interface Results { passed: number; failed: number; failures: Array<{ title: string; message: string }> }

/** Run the files (functions that define suites) and write UNDERSTUDY_TEST_RESULTS. */
export function runWith(files: Array<() => unknown>): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, color: false, reporter: 'spec' });
  // A bundle has no files for Mocha to load; it is handed its globals and the suites define themselves.
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  for (const file of files) file();
  return new Promise((resolve, reject) => {
    const failures: Results['failures'] = [];
    let passed = 0;
    const runner = mocha.run((failed) => {
      const results: Results = { passed, failed, failures };
      const out = process.env.UNDERSTUDY_TEST_RESULTS;
      if (out) writeFileSync(out, JSON.stringify(results));
      if (failed) reject(new Error(`${failed} failed`)); else if (!passed) reject(new Error('no tests were found')); else resolve();
    });
    runner.on('pass', () => { passed++; });
    runner.on('fail', (test, error: Error) => { failures.push({ title: test.fullTitle(), message: error.stack ?? String(error) }); });
  });
}
