// Results of bench/generators.mjs as tables for a README: `node bench/generators/markdown.mjs FILE.json`, whole or partial.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const digits = (v, n = 3) => (v === null || v === undefined ? '-' : v.toFixed(n));
const heads = ['generator', 'fit s (cpu)', 'rows/s', 'peak MB', 'shapes', 'pair trends (all)', 'two-sample AUC', 'train on synthetic (on real)', 'membership AUC', 'near copies (control)', 'exact copies (control)', 'SDMetrics shapes, pairs'];

export function markdown(results) {
  return [...new Set(results.map((r) => r.table))].map((table) => {
    const own = results.filter((r) => r.table === table), first = own[0], loads = own.map((r) => r.load ?? 0), versions = own.find((r) => r.versions)?.versions;
    const what = `${first.machine ?? ''}, ${(first.date ?? '').slice(0, 10)}, budget ${[...new Set(own.map((r) => r.budget))].join('/')} s, load before each fit ${digits(Math.min(...loads), 1)} to ${digits(Math.max(...loads), 1)}${versions ? `; peers: ${Object.entries(versions).map((e) => e.join(' ')).join(', ')}` : ''}`;
    return [`### ${table}`, '', what, '', `| ${heads.join(' | ')} |`, `|${'---|'.repeat(heads.length)}`, ...own.filter((r) => !r.peer).map(row), ...own.filter((r) => r.peer).map(row), ''].join('\n');
  }).join('\n');
}

function row(r) {
  const name = r.peer ? `*${r.id}*` : r.id;
  if (r.stopped) return `| ${name} | stopped after ${r.stopped} s |${' |'.repeat(heads.length - 2)}`;
  if (r.failed) return `| ${name} | failed: ${r.failed.replaceAll('|', '/')} |${' |'.repeat(heads.length - 2)}`;
  return `| ${[
    `${name}${r.epochs ? ` (${r.epochs} of ${r.most} epochs)` : r.steps ? ` (${r.steps} steps)` : ''}`, `${digits(r.fit, 1)}${r.cpu === undefined ? '' : ` (${digits(r.cpu, 0)})`}`, Math.round(r.rows / Math.max(1e-3, r.sample)).toLocaleString('en'), Math.round(r.peakMB).toLocaleString('en'),
    digits(r.shapes), `${digits(r.pairs)} (${digits(r.pairsAll)})`, digits(r.twoSample), `${digits(r.utility)} (${digits(r.utilityReal)})`, digits(r.membership), `${digits(r.near, 4)} (${digits(r.nearControl, 4)})`, `${digits(r.exact, 4)} (${digits(r.exactControl, 4)})`,
    r.sdmetrics ? `${digits(r.sdmetrics.shapes)}, ${digits(r.sdmetrics.pairs)}` : '-',
  ].join(' | ')} |`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(markdown(JSON.parse(readFileSync(process.argv[2], 'utf8'))));
