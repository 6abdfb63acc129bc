/** A card for a column: what it is, how near it came, its picture, and what falls short in words. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ColumnReport } from '../../server/protocol';
import { drawColumn, pictureHeight, sayColumn } from '../charts/column';
import { columnCsv } from '../csv';
import { score } from '../format';
import type { Host } from '../host';
import { pinIcon, verdictIcon, warningIcon } from '../icons';
import { verdictWords } from '../format';
import '../picture';

const metricNames = { KSComplement: 'Kolmogorov\u2013Smirnov complement', TVComplement: 'total-variation complement' };
const findingsShown = 2;

export interface Card { host: Host; pinned: boolean; pin: (name: string) => void; /** Place among all, where only some are drawn. */ place?: { at: number; of: number } }

export function columnCard(c: ColumnReport, { host, pinned, pin, place }: Card): TemplateResult {
  const extra = [c.wasserstein === undefined ? '' : `Wasserstein ${score(c.wasserstein)}`, c.jensenShannon === undefined ? '' : `Jensen\u2013Shannon ${score(c.jensenShannon)}`].filter(Boolean).join(' \u00b7 ');
  return html`<div class="u-card ${pinned ? 'u-pinned' : ''}" role="listitem" aria-posinset=${place?.at ?? nothing} aria-setsize=${place?.of ?? nothing}>
    <header>
      ${c.verdict ? html`<span class="u-mark u-${c.verdict}" title=${verdictWords[c.verdict]}>${verdictIcon(c.verdict)}<span class="u-hidden">${verdictWords[c.verdict]}:</span></span>` : nothing}
      <h3 title=${c.name}>${c.name || '(no name)'}</h3>
      <button type="button" class="u-pin" aria-pressed=${pinned ? 'true' : 'false'} aria-label=${`Pin ${c.name}`} title=${pinned ? 'Unpin' : 'Pin to the top'} @click=${() => pin(c.name)}>${pinIcon(pinned)}</button>
      ${c.score === null ? html`<span class="u-muted u-score">not scored</span>` : html`<span class="u-score" title=${c.metric ? `${metricNames[c.metric]}, 1 is best` : 'score, 1 is best'}><b>${score(c.score)}</b></span>`}
    </header>
    <p class="u-kind"><span class="u-muted u-modelled" title=${c.modelledAs}><span class="u-tag">${c.kind}</span> ${c.modelledAs}</span>${c.referenceScore === undefined ? nothing : html`<span class="u-muted u-control">control ${score(c.referenceScore)}</span>`}</p>
    ${c.picture.type === 'none' ? html`<p class="u-none u-none-tall">${c.picture.why}</p>`
      : html`<u-picture .data=${c} .draw=${drawColumn} .host=${host} .words=${sayColumn(c)} .name=${c.name} .tall=${pictureHeight} .csv=${columnCsv}></u-picture>`}
    ${c.findings.length ? html`<ul class="u-findings">${c.findings.slice(0, findingsShown).map((f) => html`<li>${f}</li>`)}</ul>` : nothing}
    ${c.findings.length > findingsShown ? html`<details class="u-more"><summary>${c.findings.length - findingsShown} more<span class="u-hidden"> findings on ${c.name}</span></summary><ul class="u-findings">${c.findings.slice(findingsShown).map((f) => html`<li>${f}</li>`)}</ul></details>` : nothing}
    ${c.warnings.map((w) => html`<p class="u-warning">${warningIcon}<span>${w.message}${w.suggestion ? html` <span class="u-muted">${w.suggestion}</span>` : nothing}</span></p>`)}
    ${extra ? html`<p class="u-extra u-muted">${extra}</p>` : nothing}
  </div>`;
}
