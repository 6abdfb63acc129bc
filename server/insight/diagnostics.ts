import * as thresholds from '../evaluation/thresholds';
import type { InlineDiagnostic, InlineReport } from '../protocol';
import type { FileColumn } from './columns';
import type { JudgedColumn } from './hints';
import { clip, decimal } from './words';

/**
 * Columns that fall short, on their header cells: what, how much, against which threshold, which values, what to try; with the real column to go to.
 * Only the worst finding: the editor shows a problem above the hover, whose picture must still be seen. The hover has them all.
 */
export function diagnostics(columns: readonly FileColumn[], report: InlineReport, real: { path: string; columns: readonly FileColumn[] } | undefined): InlineDiagnostic[] {
  const judged = new Map(report.columns.map((c) => [c.name, c]));
  return columns.flatMap(({ name, cell }): InlineDiagnostic[] => {
    const column = judged.get(name);
    if (!column || column.score === null || (column.verdict !== 'fair' && column.verdict !== 'poor')) return [];
    const there = real?.columns.find((c) => c.name === name)?.cell;
    return [{
      span: spanOf(cell), column: name, severity: column.verdict === 'poor' ? 'warning' : 'information', message: message(column, report), ...((column.kind === 'integer' || column.kind === 'real') && { codes: true }),
      ...(real && there && { related: { path: real.path, span: spanOf(there), message: `The real column${range(column)}` } }),
    }];
  });
}

export const spanOf = ({ line, start, endLine, end }: FileColumn['cell']) => ({ line, start, endLine, end });

function message(c: JudgedColumn, report: InlineReport): string {
  const { good } = thresholds.shapes, against = c.referenceScore === undefined ? `good from ${decimal(good, 2)}` : `fresh real rows reach ${decimal(c.referenceScore)}, good from ${decimal(Math.min(good, good + c.referenceScore - 0.99), 2)}`;
  const lines = [`${clip(c.name, 60)}: its shape is ${c.verdict}. It scores ${decimal(c.score!)}; ${against}.`, ...c.findings.slice(0, 1)];
  const advice = whatToTry(c, report);
  return [...lines, `What to try: ${advice}`].join('\n');
}

/** The most promising thing to do about a column; what is known of it decides, the commonest cause comes last. */
export function whatToTry(c: JudgedColumn, report: Pick<InlineReport, 'trainingNote' | 'rows'>): string {
  const advised = c.warnings.find((w) => w.suggestion && w.severity !== 'information');
  if (advised) return advised.suggestion!;
  const found = c.findings.join(' ');
  if (/rare categories never appear|Real categories that never appear/.test(found)) return 'group its rare values in the real table, or declare its domain: values of fewer than five rows are never given away.';
  if (report.rows.real < 1000) return 'a larger real table; this one has too few rows for a column of this shape.';
  if (/stand out|single value/i.test(found)) return 'declare it a category, if its values are codes.';
  if (report.trainingNote && /turned|overfit/i.test(report.trainingNote)) return 'more rows, not more time: the validation loss had turned.';
  return c.kind === 'integer' || c.kind === 'real' ? 'more time; or, if its values are codes, declare it a category.' : c.picture.type === 'bars' ? 'more time; or group values that mean the same.' : 'more time.';
}

/** From where to where the real values go, or which are commonest. */
function range(c: JudgedColumn): string {
  const p = c.picture;
  if (p.type === 'histogram') {
    const present = p.real.flatMap((s, i) => (s > 0 ? [i] : [])), labels = p.edgeLabels ?? p.edges.map(String);
    return present.length ? `: ${labels[present[0]]} to ${labels[present[present.length - 1] + 1]}` : '';
  }
  if (p.type !== 'bars') return '';
  const most = p.labels.map((label, i) => ({ label, share: p.real[i] })).sort((a, b) => b.share - a.share).slice(0, 3);
  return `: ${most.map((m) => `${clip(m.label, 24)} ${Math.round(100 * m.share)}%`).join(', ')}`;
}

