/**
 * How long a table takes to read and to write back, and how much memory: `npx tsx bench/table/read.ts [rows=1000000]`.
 * The file is simulated: 20 columns (an id, six integer, five float and three money columns, words of 5, 50 and 50,000 values, dates, booleans).
 * Prints one JSON line (CPU seconds are of all threads: what counts where other work shares the cores); the peak is the whole process's.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readTableWithReport } from '../../server/table/read';
import { writeTable } from '../../server/table/write';

const rows = Number(process.argv[2] ?? 1_000_000);

/** Mulberry32: the same file every time. */
let state = 1;
const uniform = () => { state = state + 0x6d2b79f5 | 0; let t = Math.imul(state ^ state >>> 15, 1 | state); t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t; return ((t ^ t >>> 14) >>> 0) / 2 ** 32; };
const whole = (n: number) => Math.floor(uniform() * n);
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
function* lines(): Generator<string> {
  yield 'id,i1,i2,i3,i4,i5,i6,f1,f2,f3,f4,f5,m1,m2,m3,w5,w50,w50000,day,flag\n';
  for (let from = 0; from < rows; from += 2000) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + 2000); row++) {
      const cells: Array<string | number> = [row];
      for (let j = 1; j <= 6; j++) cells.push(uniform() < 0.01 ? '' : whole(10 ** j));
      for (let j = 0; j < 5; j++) { const x = normal() * 10 ** j; cells.push(Number.isInteger(x) ? x.toFixed(1) : Math.abs(x) < 1e-4 ? '0.0' : x); }
      for (let j = 0; j < 3; j++) cells.push((-100 * Math.log(1 - uniform())).toFixed(2));
      cells.push(`level ${whole(5)}`, `group ${whole(50)}`, `city ${whole(50_000)}`, new Date(1.5e12 + whole(1000) * 86_400_000).toISOString().slice(0, 10), uniform() < 0.3 ? 'true' : 'false');
      text += cells.join(',') + '\n';
    }
    yield text;
  }
}
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const path = join(folder, 'in.csv'), out = join(folder, 'out.csv');
  await pipeline(Readable.from(lines()), createWriteStream(path));
  const before = process.resourceUsage().maxRSS;

  const started = performance.now(), cpu = process.cpuUsage();
  const { table } = await readTableWithReport(path);
  const read = performance.now(), { user, system } = process.cpuUsage(cpu);
  const peakOfRead = process.resourceUsage().maxRSS;
  await writeTable(table, out);
  const written = performance.now();
  const digest = async (file: string) => { const hash = createHash('sha256'); await pipeline(createReadStream(file), hash); return hash.digest('hex'); };
  const same = await digest(path) === await digest(out);
  console.log(JSON.stringify({
    rows: table.rows, columns: table.columns.length, megabytes: Math.round((await stat(path)).size / 1e6), readSeconds: +((read - started) / 1000).toFixed(2), readCpuSeconds: +((user + system) / 1e6).toFixed(2), writeSeconds: +((written - read) / 1000).toFixed(2),
    writtenBackTheSame: same, peakMB: { beforeRead: Math.round(before / 1024), read: Math.round(peakOfRead / 1024), write: Math.round(process.resourceUsage().maxRSS / 1024) }, kinds: table.schema.columns.map(c => c.kind).join(' '),
  }));
  await rm(folder, { recursive: true });
}

void main();
