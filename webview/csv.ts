/** The numbers behind each picture, as CSV (RFC 4180, LF), so that a reader can check or redraw it. */
import type { ColumnReport, DistanceReport, Figure, MetricInfo, PairAxis, PairPicture, PairReport, ReportData } from '../server/protocol';
import { pairAt } from './order';

type Cell = string | number | null | undefined;
const cell = (v: Cell) => { const t = v === null || v === undefined ? '' : String(v); return /[",\n\r]/.test(t) ? `"${t.replace(/"/g, '""')}"` : t; };
export const csv = (header: string[], rows: Cell[][]) => [header, ...rows].map((r) => r.map(cell).join(',')).join('\n') + '\n';

/** Every figure on a line, with its interval, reference, verdict and definition. */
export const figuresCsv = (figures: Figure[], metrics: Record<string, MetricInfo>) => csv(
  ['metric', 'name', 'family', 'value', 'low', 'high', 'level', 'method', 'reference_label', 'reference', 'reference_low', 'reference_high', 'verdict', 'samples', 'note', 'definition'],
  figures.map((f) => [f.metric, metrics[f.metric]?.name, metrics[f.metric]?.family, f.value, f.interval?.low, f.interval?.high, f.interval?.level, f.interval?.method,
    f.reference?.label, f.reference?.value, f.reference?.interval?.[0], f.reference?.interval?.[1], f.verdict,
    Object.entries(f.samples).map(([k, n]) => `${k}=${n}`).join('; '), f.note, metrics[f.metric]?.definition]));

/** The shares a column's picture shows: a line per bin or label, and one for missing. */
export function columnCsv(c: ColumnReport): string {
  const p = c.picture;
  if (p.type === 'none') return csv(['column', 'why'], [[c.name, p.why]]);
  const missing: Cell[] = p.type === 'histogram' ? ['missing', ''] : ['(missing)'];
  const rows: Cell[][] = p.type === 'histogram'
    ? p.real.map((r, i) => [p.edges[i], p.edges[i + 1], r, p.synthetic[i], p.holdout?.[i]])
    : p.labels.map((label, i) => [label, p.real[i], p.synthetic[i], p.holdout?.[i]]);
  rows.push([...missing, p.missing.real, p.missing.synthetic, p.missing.holdout]);
  return csv([...(p.type === 'histogram' ? ['from', 'to'] : ['value']), 'real', 'synthetic', 'holdout'], rows);
}

/** Every column's score on a line. */
export const columnScoresCsv = (columns: ColumnReport[]) => csv(
  ['column', 'kind', 'modelled_as', 'metric', 'score', 'holdout_score', 'wasserstein', 'jensen_shannon', 'findings'],
  columns.map((c) => [c.name, c.kind, c.modelledAs, c.metric, c.score, c.referenceScore, c.wasserstein, c.jensenShannon, c.findings.join('; ')]));

/** A line per unordered pair. */
export function pairsCsv(p: PairReport): string {
  const rows: Cell[][] = [];
  for (let i = 0; i < p.columns.length; i++) for (let j = i + 1; j < p.columns.length; j++) {
    const c = pairAt(p, i, j);
    rows.push([c.a, c.b, c.statistic, c.real, c.synthetic, c.score, c.reference]);
  }
  return csv(['column_a', 'column_b', 'statistic', 'real', 'synthetic', 'score', 'holdout_score'], rows);
}

export const distancesCsv = (d: DistanceReport) => csv(['from', 'to', 'synthetic_to_training', 'control_to_training'],
  d.syntheticToTraining.map((s, i) => [d.edges[i], d.edges[i + 1], s, d.controlToTraining?.[i]]));

/** Loss and validation loss by step; a step may have one of the two. */
export function trainingCsv(t: NonNullable<ReportData['training']>): string {
  const byStep = new Map<number, { loss?: number; validation?: number }>();
  t.steps.forEach((s, i) => byStep.set(s, { ...byStep.get(s), loss: t.loss[i] }));
  t.validationSteps.forEach((s, i) => byStep.set(s, { ...byStep.get(s), validation: t.validation[i] }));
  return csv(['step', 'loss', 'validation_loss'], [...byStep].sort((a, b) => a[0] - b[0]).map(([s, v]) => [s, v.loss, v.validation]));
}

/** The cells of one pair: a line a cell, counts of rows in each table. Cells of fewer than `least` rows stand as empty. */
export function pairPictureCsv(p: PairPicture): string {
  const side = (axis: PairAxis, k: number): Cell[] => (axis.type === 'bins' ? [axis.labels[k], axis.labels[k + 1]] : [axis.labels[k]]);
  const head = (axis: PairAxis) => (axis.type === 'bins' ? [`${axis.name}_from`, `${axis.name}_to`] : [axis.name]);
  const nx = p.x.type === 'bins' ? p.x.labels.length - 1 : p.x.labels.length;
  const rows = p.real.cells.map((n, k): Cell[] => [...side(p.x, k % nx), ...side(p.y, Math.floor(k / nx)), n || null, p.synthetic.cells[k] || null, ...(p.holdout ? [p.holdout.cells[k] || null] : [])]);
  return csv([...head(p.x), ...head(p.y), 'real_rows', 'synthetic_rows', ...(p.holdout ? ['holdout_rows'] : [])], rows);
}
