// What refitting does to Adult: `node bench/collapse.mjs ADULT.csv [OUT.json]` after a build. Three generators, replacing against accumulating: a minute and a quarter of one core.
// Prints the table of bench/collapse/README.md.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..'), [source, out] = process.argv.slice(2);
if (!source) throw new Error('node bench/collapse.mjs ADULT.csv [OUT.json]');
const given = source.endsWith('.json') ? JSON.parse(readFileSync(source, 'utf8')) : undefined;
const result = given ?? JSON.parse(execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'collapse', source, '--generator', 'independent,gaussian-copula,cart', '--mode', 'replace,accumulate', '--generations', '8', '--chains', '5', '--rows', '2000', '--budget', '5', '--seed', '1', '--json'], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] })).result;
if (out) writeFileSync(out, JSON.stringify(result));

const digits = x => (Math.abs(x) >= 10 ? x.toFixed(1) : x.toFixed(3)), signed = x => `${x > 0 ? '+' : ''}${x.toFixed(4)}`;
console.log('| generator | mode | measure | real | first | last | a generation (95%) | second half (95%) |\n|---|---|---|---|---|---|---|---|');
for (const s of result.series) for (const m of result.measures) {
  const p = s.points[m.id], { all, late } = s.slopes[m.id];
  console.log(`| ${s.generator} | ${s.mode} | ${m.name} | ${digits(p[0].mean)} | ${digits(p[1].mean)} | ${digits(p.at(-1).mean)} | ${signed(all.value)} (${signed(all.low)} to ${signed(all.high)}) | ${signed(late.value)} (${signed(late.low)} to ${signed(late.high)}) |`);
}
console.log('\n| generator | measure | worse a generation when replacing than when accumulating (95%, paired chains) |\n|---|---|---|');
for (const c of result.contrasts) console.log(`| ${c.generator} | ${result.measures.find(m => m.id === c.measure).name} | ${signed(c.difference.value)} (${signed(c.difference.low)} to ${signed(c.difference.high)}) |`);
for (const s of result.series) console.log(`\n${s.generator}, ${s.mode}: ${s.outcome}. ${s.why}`);
