/**
 * Vitest tells a test that failed once more (`retry` in vitest.config.ts); which passed only then is said here, each with its first error.
 * The same rule as test/vscode/run.mjs has: what failed only the first time fails nothing, but is seen, and is to be mended at its cause: of a computation, which nothing but its input may decide, it is a defect.
 */
export default class FlakyReporter {
  onTestRunEnd(modules) {
    const flaky = modules.flatMap((module) => [...module.children.allTests('passed')].filter((test) => test.diagnostic()?.flaky).map((test) => ({ name: `${module.relativeModuleId} > ${test.fullName}`, error: test.result().errors?.[0] })));
    if (!flaky.length) return;
    console.log(`\nflaky: ${flaky.length} test${flaky.length === 1 ? '' : 's'} failed once, and passed when told again`);
    for (const { name, error } of flaky) console.log(`  flaky: ${name}\n    ${String(error?.stack ?? error?.message ?? 'no error was kept').split('\n').filter((line) => !/^\s+at .*node_modules/.test(line)).slice(0, 12).join('\n    ')}`);
  }
}
