/** The chosen pair: its picture, where the tables differ most, and what could not be shown. */
import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { PairPicture, PairReport, ReportData } from '../../server/protocol';
import { drawPair, sayGaps, sayPair } from '../charts/pair';
import { pairPictureCsv } from '../csv';
import { score, share } from '../format';
import type { Host } from '../host';
import { pairAt } from '../order';
import '../picture';

const same = (p: PairPicture, a: string, b: string) => (p.x.name === a && p.y.name === b) || (p.x.name === b && p.y.name === a);

@customElement('u-pair')
export class UPair extends LitElement {
  @property({ attribute: false }) report!: ReportData;
  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) pair!: { a: string; b: string };
  @property({ attribute: false }) step?: (by: 1 | -1) => void;
  @state() private shown?: PairPicture;
  @state() private failed?: string;
  private askedFor = '';
  protected override createRenderRoot() { return this; }

  protected override willUpdate() {
    const { a, b } = this.pair, key = JSON.stringify([a, b]);
    if (key === this.askedFor) return;
    this.askedFor = key;
    this.failed = undefined;
    this.shown = this.report.pairPictures?.find((p) => same(p, a, b));
    if (this.shown) return;
    this.host.pair(a, b).then((p) => { if (this.askedFor === key) this.shown = p; }, (e: Error) => { if (this.askedFor === key) this.failed = e.message; });
  }

  protected override render() {
    const { a, b } = this.pair, p: PairReport | undefined = this.report.pairs, i = p?.columns.indexOf(a) ?? -1, j = p?.columns.indexOf(b) ?? -1;
    const c = p && i >= 0 && j >= 0 ? pairAt(p, i, j) : undefined, pic = this.shown;
    const hidden = pic && [pic.real, pic.synthetic, ...(pic.holdout ? [pic.holdout] : [])].map((x) => x.hidden / Math.max(1, x.rows));
    const names = ['real', 'synthetic', 'control'], left = hidden?.map((h, k) => (h > 0 ? `${share(h)} of the ${names[k]} rows` : '')).filter(Boolean) ?? [];
    return html`<section class="u-panel u-pair" aria-label=${`${a} and ${b} together`}>
      <header><h3 tabindex="-1">${a} <span class="u-muted">\u00d7</span> ${b}</h3>
        ${c ? html`<span class="u-small"><span class="u-muted">${c.statistic}</span> real <b>${score(c.real)}</b> \u00b7 synthetic <b>${score(c.synthetic)}</b> \u00b7 score <b>${score(c.score)}</b>${c.reference === undefined || c.reference === null ? nothing : html` \u00b7 control\u2019s score <b>${score(c.reference)}</b>`}</span>` : nothing}
        ${this.step ? html`<span class="u-step"><button type="button" class="u-save u-solid" @click=${() => this.step!(-1)}>Previous</button><button type="button" class="u-save u-solid" @click=${() => this.step!(1)}>Next pair</button></span>` : nothing}</header>
      ${pic ? html`<u-picture .data=${pic} .draw=${drawPair} .host=${this.host} .name=${`${pic.x.name} x ${pic.y.name}`} .words=${sayPair(pic)} .csv=${pairPictureCsv}></u-picture>
          ${sayGaps(pic).length ? html`<ul class="u-findings">${sayGaps(pic).map((t) => html`<li>${t}</li>`)}</ul>` : nothing}
          <p class="u-muted u-small">${pic.x.type === 'bins' || pic.y.type === 'bins' ? 'The outermost bins also hold what lies beyond. ' : ''}${left.length ? `Cells of fewer than ${pic.least} rows are left blank, so that nobody stands alone in one: ${left.join(', ')}.` : ''}</p>`
        : this.failed ? html`<p class="u-none" role="status">${this.failed}</p>`
        : html`<p class="u-none u-none-tall" role="status">Reading the run\u2019s tables\u2026</p>`}
    </section>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-pair': UPair } }
