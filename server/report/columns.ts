import { columnDistances } from '../evaluation/fidelity/column-distances';
import type { AllShapes } from '../evaluation/fidelity/shapes';
import * as thresholds from '../evaluation/thresholds';
import type { View } from '../evaluation/view';
import type { ColumnReport, TableProfile, Verdict } from '../protocol';
import { findings } from './findings';
import { picture } from './pictures';

/**
 * One report a column, worst first: how far its shape falls below the control's own (or, without a control, below 1).
 * Columns of the profile that were not compared (identifiers, personal data, free text, constants) follow, in file order.
 */
export function columnReports(view: View, shapes: AllShapes, profile?: TableProfile): ColumnReport[] {
  const profiles = new Map(profile?.columns.map(c => [c.name, c]) ?? []);
  const compared = view.columns.map((column, j): ColumnReport => {
    const p = profiles.get(column.name), shape = shapes.synthetic.columns[j], control = shapes.control?.columns.find(c => c.name === column.name), { wasserstein, jensenShannon } = columnDistances(column);
    return {
      name: column.name, kind: column.kind, modelledAs: p?.modelledAs ?? (column.type === 'code' ? `${column.categories.length} categories` : 'numbers'), ...(p ? { position: p.index } : {}),
      score: Number.isNaN(shape.score) ? null : shape.score, metric: shape.metric, ...(control && !Number.isNaN(control.score) ? { referenceScore: control.score } : {}),
      ...(Number.isNaN(shape.score) ? {} : { verdict: columnVerdict(shape.score, control?.score) }),
      ...(wasserstein !== undefined ? { wasserstein } : {}), ...(jensenShannon !== undefined ? { jensenShannon } : {}),
      picture: picture(column, view.hasControl), findings: findings(column), warnings: p?.warnings ?? [],
    };
  });
  const shortfall = (c: ColumnReport) => (c.score === null ? -1 : (c.referenceScore ?? 1) - c.score);
  compared.sort((a, b) => shortfall(b) - shortfall(a));
  const others = (profile?.columns ?? []).filter(p => !view.columns.some(c => c.name === p.name)).map((p): ColumnReport => ({
    name: p.name, kind: p.kind, modelledAs: p.modelledAs, position: p.index, score: null, picture: { type: 'none', why: whyNone(p.kind) }, findings: [], warnings: p.warnings,
  }));
  return [...compared, ...others];
}

/**
 * Good within half a hundredth of what fresh real rows reach, as for the mean over columns; else by the same thresholds, lowered by what the
 * control itself falls short of 1: a column of many rare values scores low in any small sample.
 */
export function columnVerdict(score: number, control: number | undefined): Verdict {
  const { good, fair } = thresholds.shapes, known = control !== undefined && !Number.isNaN(control), allowed = known ? Math.min(0, control - 0.99) : 0;
  return (known && score >= control - 0.005) || score >= good + allowed ? 'good' : score >= fair + allowed ? 'fair' : 'poor';
}

function whyNone(kind: ColumnReport['kind']): string {
  if (kind === 'constant') return 'The same value in every row.';
  if (kind === 'identifier' || kind === 'personal') return 'Fresh values of the same format; never learnt, so not compared.';
  if (kind === 'text') return 'Free text is not learnt, so not compared.';
  return 'Not in both tables.';
}
