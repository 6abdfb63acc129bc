import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: {
    include: ['server/**/*.test.ts', 'webview/**/*.test.ts', 'extension/**/*.test.ts', 'test/conformance/**/*.test.ts', 'test/language/**/*.test.ts'],
    // ONNX Runtime and DuckDB are native and block their event loop: processes, not threads, and two at most.
    // A test's time is there to end what hangs, and says nothing of speed: the machine may have other things to do.
    pool: 'forks', maxWorkers: 2, testTimeout: 180_000, hookTimeout: 180_000,
    // A test that fails is told once more; one that passes only then is counted and shown as flaky, with its first error (scripts/flaky-reporter.mjs says why). What is wrong each time fails both times; a flaky test of a computation is a defect to look for.
    retry: 1, reporters: ['default', './scripts/flaky-reporter.mjs'],
  },
});
