// Bundles everything that runs: `node esbuild.mjs [--watch] [--minify]`. Native packages stay outside; they are the four runtime dependencies.
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');

/** @type {import('esbuild').BuildOptions} */
const node = {
  // Identifiers stay as they are: keeping the names of minified ones wraps every function that is made, which doubled the time that a long .synth takes to parse.
  bundle: true, platform: 'node', target: 'node20', format: 'cjs', sourcemap: true, minifyWhitespace: minify, minifySyntax: minify, logLevel: 'info',
  external: ['vscode', 'onnxruntime-node', '@duckdb/node-api'],
  // Packages with an ES module build: `module` first keeps the bundle to what is used.
  mainFields: ['module', 'main'],
  // apache-arrow's default entry is already the Node one; its browser variant would break file reading.
  conditions: ['node'],
};

const builds = [
  { ...node, entryPoints: { 'server/main': 'server/main.ts', 'server/worker': 'server/jobs/worker.ts', 'server/lane': 'server/evaluation/lanes/lane.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { cli: 'server/cli.ts' }, outdir: 'dist', banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: { extension: 'extension/extension.ts' }, outdir: 'dist' },
  {
    bundle: true, platform: 'browser', target: 'es2022', format: 'iife', sourcemap: true, minify: true, logLevel: 'info',
    entryPoints: { 'webview/report': 'webview/report.ts' }, outdir: 'dist', loader: { '.svg': 'text', '.woff2': 'dataurl' },
  },
];

const contexts = await Promise.all(builds.map((options) => context({ ...options, absWorkingDir: root })));
if (watch) await Promise.all(contexts.map((c) => c.watch()));
else {
  try {
    await Promise.all(contexts.map((c) => c.rebuild()));
    chmodSync(join(root, 'dist', 'cli.js'), 0o755);
  } catch {
    process.exitCode = 1; // esbuild has already said what is wrong
  } finally {
    await Promise.all(contexts.map((c) => c.dispose()));
  }
}
