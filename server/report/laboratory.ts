import type { CollapseResult, ExploreResult, LaboratoryResult } from '../protocol';
import { escapeHtml as e, htmlPage, type ReportBundle } from './html';
import { decimal } from './words';

const name = (path: string): string => path.split(/[\\/]/).pop() || path;

/** A laboratory's result as one self-contained HTML file, as `renderHtml` does reports; names of files without their folders. */
export function renderLaboratory(result: LaboratoryResult, bundle: ReportBundle): string {
  const source = { ...result.source, path: name(result.source.path) };
  const travelling = result.laboratory === 'collapse' ? { ...result, source } : { ...result, source, points: result.points.map(p => ({ ...p, runs: p.runs.map(r => ({ ...r, folder: '' })) })) };
  return htmlPage(result.title, travelling, `<main class="plain"><h1>${e(result.title)}</h1><p>The pictures need JavaScript; the figures do not.</p>${result.laboratory === 'collapse' ? collapseText(result) : exploreText(result)}${result.notes.map(n => `<p>${e(n)}</p>`).join('')}</main>`, bundle);
}

function collapseText(r: CollapseResult): string {
  const rows = r.series.flatMap(s => r.measures.map(m => {
    const points = s.points[m.id], last = points[points.length - 1], slope = s.slopes[m.id].all;
    return `<tr><th scope="row">${e(`${s.generator}, ${s.mode}`)}</th><td>${e(m.name)}</td><td>${decimal(points[0].mean)}</td><td>${decimal(last.mean)}</td><td>${slope.value.toPrecision(2)} (${slope.low.toPrecision(2)} to ${slope.high.toPrecision(2)})</td></tr>`;
  }));
  return `${r.series.map(s => `<p><b>${e(`${s.generator}, ${s.mode}`)}: ${s.outcome}.</b> ${e(s.why)}</p>`).join('')}<table><thead><tr><th>Series</th><th>Measure</th><th>Real</th><th>Last</th><th>Per generation (95%)</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

function exploreText(r: ExploreResult): string {
  const value = (v: { value: number; low?: number; high?: number } | undefined) => (v ? `${decimal(v.value)}${v.low === undefined ? '' : ` (${decimal(v.low)} to ${decimal(v.high!)})`}` : '');
  return `<table><thead><tr><th>${e(r.knob)}</th>${r.axes.map(a => `<th>${e(a.name)}</th>`).join('')}<th>Pareto front</th></tr></thead><tbody>${r.points.map(p => `<tr><th scope="row">${e(p.label)}</th>${r.axes.map(a => `<td>${value(p.values[a.metric])}</td>`).join('')}<td>${p.front ? 'yes' : ''}</td></tr>`).join('\n')}</tbody></table>`;
}
