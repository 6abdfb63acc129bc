/** What a training of several objectives leaves: its terms, their weights, and its contexts, below the training curve. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ContextFigures, ObjectiveParts, ReportData } from '../../server/protocol';
import { contextsCsv, contextsHeight, drawContexts, sayContexts, worstContexts } from '../charts/contexts';
import { drawSeries, saySeries, seriesCsv, seriesHeight, seriesOf, type SeriesData } from '../charts/objective';
import { count, number, share } from '../format';
import type { Host } from '../host';

/** Stable objects, so that pictures are drawn once. */
const made = new WeakMap<ObjectiveParts, Record<SeriesData['kind'], SeriesData>>();
function dataOf(o: ObjectiveParts): Record<SeriesData['kind'], SeriesData> {
  let own = made.get(o);
  if (!own) made.set(o, (own = { terms: seriesOf(o, 'terms'), weights: seriesOf(o, 'weights'), lags: seriesOf(o, 'lags') }));
  return own;
}
const titles: Record<SeriesData['kind'], { title: string; lead: string }> = {
  terms: { title: 'Terms of the objective', lead: 'Each term by itself, unweighted, as the mean over the steps since the point before. A term that falls is being learnt; the adversarial ones may rise and fall.' },
  weights: { title: 'Weights of the terms', lead: 'What each term was multiplied by. They follow the lengths of the terms\u2019 gradients, and what lags on validation rows, where these are on.' },
  lags: { title: 'What lagged', lead: 'How far made rows stood behind other real rows: 0 is as good. Weights shift towards what lags.' },
};
function picture(d: SeriesData, host: Host): TemplateResult | typeof nothing {
  const { title, lead } = titles[d.kind];
  return d.series.length ? html`<div class="u-panel u-panel-wide"><h3>${title}</h3><p class="u-lead">${lead}</p>
    <u-picture .data=${d} .draw=${drawSeries} .host=${host} .name=${title.toLowerCase()} .words=${saySeries(d)} .tall=${seriesHeight(d, 780)} .csv=${seriesCsv}></u-picture></div>` : nothing;
}
function contexts(c: ContextFigures, host: Host): TemplateResult {
  return html`<div class="u-panel u-panel-wide"><h3>Contexts</h3><p class="u-lead">By ${c.by}. ${c.distance} The farthest first.</p>
    <ul class="u-legend" aria-label="Legend"><li><svg width="22" height="10" aria-hidden="true"><rect width="22" height="9" fill="var(--u-real)"/></svg>share of real rows</li>
      <li><svg width="22" height="10" aria-hidden="true"><rect width="22" height="9" fill="var(--u-syn)"/></svg>share of made rows</li><li><svg width="22" height="10" aria-hidden="true"><rect width="22" height="9" fill="var(--u-muted)"/></svg>distance</li>
      <li><svg width="8" height="14" aria-hidden="true"><path d="M4 0v14" stroke="var(--u-hold)" stroke-width="2" stroke-dasharray="3 2"/></svg>distance of other real rows</li></ul>
    <u-picture .data=${c} .draw=${drawContexts} .host=${host} .name=${'contexts'} .words=${sayContexts(c)} .tall=${contextsHeight(c, 780)} .csv=${contextsCsv}></u-picture>
    <details><summary>As a table</summary><div class="u-scroll" tabindex="0" role="region" aria-label="Contexts as a table"><table><caption class="u-hidden">Share and distance of every context</caption>
      <thead><tr><th scope="col">Context</th><th scope="col" class="u-num">Rows</th><th scope="col" class="u-num">Share</th><th scope="col" class="u-num">Made</th><th scope="col" class="u-num">Distance</th><th scope="col" class="u-num">Other real rows</th></tr></thead>
      <tbody>${worstContexts(c).map((r) => html`<tr><th scope="row">${r.label}</th><td class="u-num">${count(r.rows)}</td><td class="u-num">${share(r.share)}</td><td class="u-num">${share(r.made)}</td><td class="u-num">${r.distance === null ? '\u2013' : number(r.distance)}</td><td class="u-num">${r.reference === null || r.reference === undefined ? '\u2013' : number(r.reference)}</td></tr>`)}</tbody></table></div></details></div>`;
}
/** Nothing where the training had one loss and no contexts. */
export function objectiveParts(t: NonNullable<ReportData['training']>, host: Host): TemplateResult | typeof nothing {
  const own = t.objective && dataOf(t.objective);
  return own || t.contexts ? html`<div class="u-panels">${own ? html`${picture(own.terms, host)}${picture(own.weights, host)}${picture(own.lags, host)}` : nothing}${t.contexts ? contexts(t.contexts, host) : nothing}</div>` : nothing;
}
