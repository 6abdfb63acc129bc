import { basename } from 'node:path';
import type { StoredCopies } from '../jobs/inline';
import type { InlineMark, InlineReport } from '../protocol';
import type { Located } from './locate';
import { clip, percent } from './words';

/** The rows among the located ones that copy a real row. `header`: whether the first record of both tables names the columns. */
export function marks(records: readonly Located[], copies: StoredCopies, report: InlineReport, header: boolean): InlineMark[] {
  const real = basename(report.real.path), first = header ? 1 : 0;
  // Columns that tell real rows apart by when they were taken are not compared, and may well differ.
  const left = report.columns.filter((c) => c.score !== null && !copies.columns.includes(c.name)).map((c) => c.name), unseen = left.length ? ` (${list(left)} not compared)` : '';
  const good = (exact: boolean) => report.figures.find((f) => f.metric === metricOf(exact))?.verdict === 'good';
  return records.flatMap((r): InlineMark[] => {
    const at = find(copies.row, r.record - first);
    if (at < 0) return [];
    const exact = copies.differs[at] < 0, but = exact ? '' : copies.columns[copies.differs[at]];
    // Rows count from 1 and include the header, as everywhere in our messages.
    const row = (copies.of[at] + 1 + first).toLocaleString('en');
    return [{
      line: r.line, endLine: r.endLine, kind: exact ? 'exact' : 'near',
      ...(good(exact) && { chance: true }),
      note: exact && !left.length ? `copies row ${row} of ${real}` : `row ${row} of ${real}, but for ${list([...(exact ? [] : [but]), ...left])}`,
      message: `${exact ? `Equals row ${row} of ${real} in all ${copies.columns.length} compared columns${unseen}.` : `Equals row ${row} of ${real} in all compared columns${unseen} but "${clip(but, 60)}", which is near.`}${chance(report, exact)}`,
    }];
  });
}

const metricOf = (exact: boolean) => (exact ? 'privacy.exact-copies' : 'privacy.near-copies');
const list = (names: readonly string[]) => names.slice(0, 3).map((n) => clip(n, 30)).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');

/** Unrelated people have rows in common: how many is what fresh real rows tell. */
function chance(report: InlineReport, exact: boolean): string {
  const f = report.figures.find((x) => x.metric === metricOf(exact));
  if (!f || f.value === null) return ' Without real rows that were never fitted nobody can say how many such rows chance makes.';
  const beside = f.reference ? `; of fresh real rows ${percent(f.reference.value)} are` : '';
  return ` ${percent(f.value)} of the synthetic rows are ${exact ? 'exact' : 'exact or near'} copies of rows that were learnt${beside}. ${f.verdict === 'good' ? 'That is no more than chance explains.' : f.verdict === 'undecided' ? 'Too few rows to tell whether chance explains it.' : 'That is more than chance explains.'}`;
}

function find(sorted: Uint32Array, value: number): number {
  let a = 0, b = sorted.length;
  while (a < b) { const mid = (a + b) >>> 1; if (sorted[mid] < value) a = mid + 1; else b = mid; }
  return sorted[a] === value ? a : -1;
}
