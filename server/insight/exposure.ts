import { promises as fs } from 'node:fs';
import { exposureMagic } from '../jobs/exposure';
import { headerBytes } from '../jobs/framed';
import type { ExposedRecord, ExposureCondition, ExposureHeader, InlineExposure } from '../protocol';
import type { Located, Locator } from './locate';
import { clip, count, percent } from './words';

/** More than the most exposed rows and their reasons ever take. */
const mostBytes = 4 << 20;

/** The header of a run's exposure file: the scores of all rows behind it are not read. */
export async function readExposure(path: string): Promise<ExposureHeader | undefined> {
  const file = await fs.open(path, 'r').catch(() => undefined);
  try {
    const first = Buffer.alloc(8);
    if (!file || (await file.read(first, 0, 8, 0)).bytesRead < 8) return undefined;
    const length = headerBytes(exposureMagic, first);
    if (length === undefined || length > mostBytes) return undefined;
    const text = Buffer.alloc(length);
    if ((await file.read(text, 0, length, 8)).bytesRead < length) return undefined;
    const header = JSON.parse(text.toString('utf8')) as ExposureHeader;
    return header.version === 1 ? header : undefined;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

/** The exposed rows among those on the given lines. `first`: 1 where the first record names the columns. */
export async function exposedOnScreen(locator: Locator, visible: ReadonlyArray<[number, number]>, header: ExposureHeader, first: number): Promise<InlineExposure[]> {
  const ranks = new Map(header.most.map((m, i) => [m.row, i])), out: InlineExposure[] = [];
  for (const [from, to] of visible) {
    for (const r of await locator.places(Math.max(0, from), to)) {
      const rank = ranks.get(r.record - first);
      if (rank !== undefined) out.push(shown(r, header, rank));
    }
  }
  return out;
}

/** All of them, worst first, each with its line: the file is followed as far down as the last one. */
export async function everyExposed(locator: Locator, header: ExposureHeader, first: number): Promise<InlineExposure[]> {
  const found = new Map<number, Located>(), wanted = new Set(header.most.map((m) => m.row + first)), last = Math.max(0, ...wanted);
  // a record has at least one line: the rows sought lie at or below lines of their numbers
  for (let line = 0; found.size < wanted.size; line += linesAtOnce) {
    const piece = await locator.places(line, line + linesAtOnce - 1);
    for (const r of piece) if (wanted.has(r.record)) found.set(r.record, r);
    if (!piece.length || piece[piece.length - 1].record >= last) break;
  }
  return header.most.flatMap((m, rank) => { const r = found.get(m.row + first); return r ? [shown(r, header, rank)] : []; });
}
const linesAtOnce = 5000;

function shown(r: Located, header: ExposureHeader, rank: number): InlineExposure {
  const record = header.most[rank], why = reason(record);
  return {
    line: r.line, endLine: r.endLine, row: record.row, rank: rank + 1, of: header.most.length, chance: header.chance,
    note: `exposed, no. ${rank + 1}: ${why}`,
    message: [`No. ${rank + 1} of the ${header.most.length} most exposed rows: ${why}.`, score(record, header), chance(header)].join('\n'),
    columns: record.conditions.map(({ column, category, value, is }) => ({ name: column, category: category && is === 'equal', value })),
  };
}

const side = { equal: 'is', 'at-least': 'is at least', 'at-most': 'is at most', missing: 'is missing' } as const;
const condition = ({ column, is, value }: ExposureCondition) => `${clip(column, 40)} ${side[is]}${is === 'missing' ? '' : ` ${clip(value, 40) || '""'}`}`;

/** What singles a row out, in words. */
export function reason({ rows, conditions }: ExposedRecord): string {
  if (!conditions.length) return 'like many others in every column';
  const which = conditions.map(condition), all = which.length > 1 ? `${which.slice(0, -1).join(', ')} and ${which[which.length - 1]}` : which[0];
  return `${rows === 1 ? 'the only row' : `one of ${count(rows)} rows`} where ${all}`;
}

function score({ nats, unseen }: ExposedRecord, { how }: ExposureHeader): string {
  const times = Math.exp(nats), many = times >= 999 ? 'a thousand times or more' : `${times >= 10 ? Math.round(times) : times.toFixed(1)} times`;
  return how === 'cross-fitted'
    ? `Stand-ins whose models learnt it are ${many} as dense around it as the one whose model did not (${nats.toFixed(1)} nats).`
    : `The stand-in is ${many} as dense around it as the other real rows are (${nats.toFixed(1)} nats)${unseen === undefined ? '' : `; so ${unseen === 0 ? 'are none' : `${unseen < 0.001 ? 'are fewer than 0.1%' : `are ${percent(unseen)}`}`} of the rows that were never learnt`}.`;
}

const chance = (header: ExposureHeader) => (header.chance
  ? 'Over the whole table no more rows are this exposed than chance explains: this is where to look first, not proof of a leak.'
  : 'More rows are this exposed than chance explains: the stand-in remembers some of them.');
