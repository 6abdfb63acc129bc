import pc from 'picocolors';
import type { CollapseResult, ExploreResult, LaboratoryResult } from '../protocol';
import { grid, safe, value } from './format';

/** What a laboratory run found, for a terminal. */
export const laboratoryText = (r: LaboratoryResult): string => (r.laboratory === 'collapse' ? collapseText(r) : exploreText(r));

const colours = { worsens: pc.red, plateaus: pc.yellow, holds: pc.green, undecided: pc.cyan };

function collapseText(r: CollapseResult): string {
  const lines: string[] = [];
  for (const s of r.series) lines.push(`${colours[s.outcome](pc.bold(`${s.generator}, ${s.mode}: ${s.outcome}`.padEnd(36)))} ${s.why}`);
  lines.push('', grid(['Series', 'Measure', 'Real', 'First', 'Last', 'Per generation', '95% interval'], r.series.flatMap(s => r.measures.map(m => {
    const p = s.points[m.id], slope = s.slopes[m.id].all;
    return [`${s.generator}, ${s.mode}`, m.name, value(p[0].mean), value(p[1].mean), value(p[p.length - 1].mean), signed(slope.value), `${signed(slope.low)} to ${signed(slope.high)}`];
  })), [2, 3, 4, 5]));
  const clear = r.contrasts.filter(c => c.difference.low > 0);
  for (const c of clear) lines.push(`  ${c.generator}: ${r.measures.find(m => m.id === c.measure)!.name} worsens faster when replacing than with ${c.mode}, by ${signed(c.difference.value)} a generation (${signed(c.difference.low)} to ${signed(c.difference.high)}).`);
  for (const n of r.notes) lines.push(`  ${safe(n, 300)}`);
  return lines.join('\n');
}

function exploreText(r: ExploreResult): string {
  const rows = r.points.map(p => [safe(p.label, 30), ...r.axes.map(a => { const v = p.values[a.metric]; return v ? `${value(v.value)}${v.low === undefined ? '' : pc.dim(` ${value(v.low)} to ${value(v.high)}`)}` : '-'; }), p.front ? pc.green('on it') : '', p.runs.map(x => x.id.slice(-4)).join(' ')]);
  return [grid([safe(r.knob, 30), ...r.axes.map(a => a.name), 'Pareto front', 'Runs'], rows), ...r.notes.map(n => `  ${safe(n, 400)}`)].join('\n');
}

const signed = (x: number): string => `${x > 0 ? '+' : ''}${Math.abs(x) >= 0.0005 || x === 0 ? x.toFixed(4) : x.toExponential(1)}`;
