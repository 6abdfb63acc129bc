import * as thresholds from '../evaluation/thresholds';
import type { InlineHint, InlineReport } from '../protocol';
import type { FileColumn } from './columns';
import { decimal } from './words';

export type JudgedColumn = InlineReport['columns'][number];

/** A column's score and what it is measured by, in a sentence. */
export function scoreSentence(c: JudgedColumn): string {
  if (c.score === null) return c.picture.type === 'none' && c.picture.why ? c.picture.why : 'Not compared.';
  const { good, fair } = thresholds.shapes, what = c.metric === 'TVComplement' ? 'total variation' : 'Kolmogorov-Smirnov';
  const beside = c.referenceScore === undefined ? '' : ` Fresh real rows reach ${decimal(c.referenceScore)}.`;
  return `Shape ${decimal(c.score)} (1 minus the ${what} distance to the real column).${beside} Good from ${decimal(good, 2)}, fair from ${decimal(fair, 2)}${c.referenceScore !== undefined && c.referenceScore < 0.99 ? ', less what fresh real rows fall short themselves' : ''}.`;
}

/** The words after a column's name: its score, and its verdict where that is not good. */
function label(c: JudgedColumn): string | undefined {
  if (c.score !== null) return `${decimal(c.score)}${c.verdict === 'fair' || c.verdict === 'poor' ? ` ${c.verdict}` : ''}`;
  return c.kind === 'identifier' || c.kind === 'personal' ? 'invented' : undefined;
}

/** One hint behind each header cell that has something to tell. */
export function hints(columns: readonly FileColumn[], report: InlineReport): InlineHint[] {
  const judged = new Map(report.columns.map((c) => [c.name, c]));
  return columns.flatMap(({ name, cell }) => {
    const column = judged.get(name), text = column && label(column);
    return text === undefined ? [] : [{ line: cell.endLine, character: cell.end, label: text, tooltip: scoreSentence(column!) }];
  });
}

/** Whether the editor would cut the hints of some line; `limit` as `editor.inlayHints.maximumLength`, -1 for no hints. */
export function wouldBeCut(all: readonly InlineHint[], limit: number | undefined): boolean {
  if (limit === undefined || limit === 0) return false;
  if (limit < 0) return true;
  const length = new Map<number, number>();
  for (const h of all) length.set(h.line, (length.get(h.line) ?? 0) + h.label.length);
  return Math.max(0, ...length.values()) > limit;
}
