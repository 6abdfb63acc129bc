/** Bundle the suite to dist/test: one entry that Mocha's contract calls, with every *.test.ts in suite/ pulled in. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { here, root, suite } from './harness/paths.mjs';

export async function bundle() {
  const folder = path.join(here, 'suite');
  const tests = (await readdir(folder)).filter((name) => name.endsWith('.test.ts')).sort();
  await build({
    stdin: {
      // Mocha's globals exist only between its 'pre-require' and the run, so each file is a function called then.
      contents: `import { runWith } from './harness';\nexport const run = () => runWith([${tests.map((name) => `() => require('./${name}')`).join(', ')}]);\n`,
      resolveDir: folder, loader: 'ts', sourcefile: 'index.ts',
    },
    outfile: suite, bundle: true, platform: 'node', format: 'cjs', target: 'node20', sourcemap: 'inline', external: ['vscode', 'mocha'], logLevel: 'warning',
    absWorkingDir: root,
  });
}
