/** Every pair as a row, of which only those in view are on the page: 45,000 of them scroll like ten. */
import { VirtualizerController, observeElementRect } from '@tanstack/lit-virtual';
import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { createRef, ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { PairReport } from '../../server/protocol';
import { count, score } from '../format';
import { pairAt, type Pair } from '../order';

const rowHeight = 30;

@customElement('u-pair-table')
export class UPairTable extends LitElement {
  @property({ attribute: false }) pairs!: PairReport;
  /** Places `i * n + j` of the pairs to show, in order. */
  @property({ attribute: false }) places!: Int32Array;
  @property({ attribute: false }) chosen?: { a: string; b: string };
  @property({ attribute: false }) open!: (a: string, b: string) => void;
  private readonly scroller = createRef<HTMLElement>();
  private readonly rows = new VirtualizerController<HTMLElement, HTMLElement>(this, { count: 0, getScrollElement: () => this.scroller.value ?? null, estimateSize: () => rowHeight, overscan: 12, scrollMargin: rowHeight, scrollPaddingStart: rowHeight,
    // Before there is a layout (and where there never is one) as many rows as a page shows.
    observeElementRect: (instance, tell) => observeElementRect(instance, (rect) => tell(rect.height > 0 ? rect : { width: 800, height: 10 * rowHeight })) });
  /** The row that Tab reaches; arrow keys move it. */
  private active = 0;
  private shownPlaces?: Int32Array;
  protected override createRenderRoot() { return this; }

  private key(e: KeyboardEvent): void {
    const n = this.places.length, page = 9;
    const to: Record<string, number> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page, Home: 0, End: n - 1 };
    if (e.key === 'Enter' || e.key === ' ') { const c = this.at(this.active); this.open(c.a, c.b); }
    else if (e.key in to) {
      this.active = Math.max(0, Math.min(n - 1, to[e.key]));
      this.rows.getVirtualizer().scrollToIndex(this.active, { align: 'auto' });
      this.requestUpdate();
      void this.updateComplete.then(() => requestAnimationFrame(() => this.querySelector<HTMLElement>(`[data-index="${this.active}"]`)?.focus({ preventScroll: true })));
    } else return;
    e.preventDefault();
  }
  private at(index: number): Pair { const n = this.pairs.columns.length, k = this.places[index]; return pairAt(this.pairs, Math.floor(k / n), k % n); }

  protected override render() {
    const { places, pairs } = this, virtual = this.rows.getVirtualizer();
    if (this.shownPlaces !== places) { this.shownPlaces = places; this.active = 0; this.scroller.value?.scrollTo?.(0, 0); }
    virtual.setOptions({ ...virtual.options, count: places.length });
    const holdout = !!pairs.referenceScore, cell = (text: string, kind = 'u-num') => html`<span role="gridcell" class=${kind}>${text}</span>`;
    const short = (c: Pair) => (c.reference === undefined || c.reference === null || c.score === null ? null : c.score - c.reference);
    return html`<div class="u-pairs-table" role="grid" aria-label="Pairs of columns" aria-rowcount=${places.length + 1} aria-colcount=${holdout ? 6 : 4}>
      <div class="u-pairs-scroll" role="rowgroup" ${ref(this.scroller)} @keydown=${this.key}>
        <div role="row" class="u-pairs-row u-pairs-head" aria-rowindex="1"><span role="columnheader">Pair</span><span role="columnheader" class="u-wide">Statistic</span><span role="columnheader" class="u-num">Real</span><span role="columnheader" class="u-num">Synthetic</span><span role="columnheader" class="u-num">Score</span>${holdout ? html`<span role="columnheader" class="u-num">Against control</span>` : nothing}</div>
        <div role="presentation" class="u-pairs-space" .style=${`height:${virtual.getTotalSize()}px`}>${repeat(virtual.getVirtualItems(), (row) => row.key, (row) => {
          const c = this.at(row.index), on = !!this.chosen && this.chosen.a === c.a && this.chosen.b === c.b, lost = short(c);
          return html`<div role="row" class="u-pairs-row" aria-rowindex=${row.index + 2} data-index=${row.index} tabindex=${row.index === this.active ? 0 : -1} aria-selected=${on ? "true" : "false"} .style=${`transform:translateY(${row.start - rowHeight}px)`}
            @focus=${() => { this.active = row.index; }} @click=${() => { this.active = row.index; this.open(c.a, c.b); }}>
            <span role="rowheader" title=${`${c.a} \u00d7 ${c.b}`}>${c.a} <span class="u-muted">\u00d7</span> ${c.b}</span>${cell(c.statistic, 'u-wide u-muted')}${cell(score(c.real))}${cell(score(c.synthetic))}<span role="gridcell" class="u-num"><b>${score(c.score)}</b></span>${holdout ? cell(lost === null ? '\u2013' : `${lost > 0 ? '+' : ''}${score(lost)}`) : nothing}</div>`;
        })}</div>
      </div>
    </div><p class="u-muted u-small" role="status">${places.length ? `${count(places.length)} pair${places.length === 1 ? '' : 's'}. Click one, or press Enter on it, to see its picture.` : 'No pair matches.'}</p>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-pair-table': UPairTable } }
