import { defineConfig } from 'vitest/config';
/** The long lane: soaks, long fuzzing, coverage simulations, full trainings. `npm run test:slow`. */
export default defineConfig({
  test: { include: ['{server,webview,extension,test/conformance,test/language}/**/*.slow.ts'], pool: 'forks', maxWorkers: 1, testTimeout: 3_600_000, hookTimeout: 600_000 },
});
