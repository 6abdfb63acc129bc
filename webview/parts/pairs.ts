/** Pair dependence: the heat maps, the chosen pair's picture, and every pair in a table that can be searched. */
import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { PairReport, ReportData } from '../../server/protocol';
import { choice, searchField } from '../controls';
import type { Host } from '../host';
import { choosePairs, subPairs, worstPairColumns, type PairSort } from '../order';
import './heatmaps';
import './pair-table';
import './pair-view';

type Which = 'all' | 'worst' | 'pinned';
type Statistic = 'all' | 'correlation' | 'contingency';
const sorts: Array<[PairSort, string]> = [['worst', 'Lowest score'], ['control', 'Furthest below the control'], ['strongest', 'Strongest in the real table'], ['name', 'Column order']];
const statistics: Array<[Statistic, string]> = [['all', 'All'], ['correlation', 'Two numeric columns'], ['contingency', 'With a category']];
/** More columns than this are also offered as the few in the worst pairs. */
const many = 40;

@customElement('u-pairs')
export class UPairs extends LitElement {
  @property({ attribute: false }) report!: ReportData;
  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) pins: ReadonlySet<string> = new Set();
  @state() private chosen?: { a: string; b: string };
  @state() private which: Which = 'all';
  @state() private sort: PairSort = 'worst';
  @state() private statistic: Statistic = 'all';
  @state() private search = '';
  @state() private onlyPinned = false;
  private made?: { key: string; places: Int32Array };
  private cut?: { key: string; of: PairReport; pairs: PairReport };
  protected override createRenderRoot() { return this; }

  override connectedCallback() {
    super.connectedCallback();
    const kept = (this.host?.state().pairs ?? {}) as Record<string, unknown>;
    if (sorts.some(([k]) => k === kept.sort)) this.sort = kept.sort as PairSort;
    if (statistics.some(([k]) => k === kept.statistic)) this.statistic = kept.statistic as Statistic;
    if (kept.which === 'worst' || kept.which === 'pinned') this.which = kept.which;
    if (typeof kept.search === 'string') this.search = kept.search;
    this.onlyPinned = kept.onlyPinned === true;
    const c = kept.chosen as { a?: unknown; b?: unknown } | undefined;
    if (typeof c?.a === 'string' && typeof c.b === 'string') this.chosen = { a: c.a, b: c.b };
  }
  private keep(patch: Record<string, unknown>) { Object.assign(this, patch); const { sort, statistic, which, search, chosen, onlyPinned } = this; this.host.keep({ pairs: { sort, statistic, which, search, chosen, onlyPinned } }); }

  private places(): Int32Array {
    const p = this.report.pairs!, key = JSON.stringify([this.sort, this.statistic, this.search, this.onlyPinned ? [...this.pins] : 0]);
    if (this.made?.key !== key) this.made = { key, places: choosePairs(p, { sort: this.sort, search: this.search, statistic: this.statistic, ...(this.onlyPinned && this.pins.size && { pins: this.pins }) }) };
    return this.made.places;
  }
  /** Columns of the maps; the same object as long as the choice is the same, since drawing is not free. */
  private mapped(which: Which): PairReport {
    const p = this.report.pairs!, key = which === 'pinned' ? JSON.stringify([...this.pins]) : which;
    if (which === 'all') return p;
    if (this.cut?.key !== key || this.cut.of !== p) this.cut = { key, of: p, pairs: subPairs(p, which === 'worst' ? worstPairColumns(p, many) : p.columns.filter((c) => this.pins.has(c))) };
    return this.cut.pairs;
  }

  private readonly openPair = (a: string, b: string, bring = true) => {
    if (a === b) return;
    this.keep({ chosen: { a, b } });
    // From a cell of a large map the picture may lie below the view.
    if (bring) void this.updateComplete.then(() => {
      const panel = this.querySelector<HTMLElement>('u-pair'), box = panel?.getBoundingClientRect();
      if (panel && box && (box.top < 0 || box.top > window.innerHeight * 0.7)) panel.scrollIntoView?.({ block: 'nearest' });
      panel?.querySelector<HTMLElement>('h3')?.focus({ preventScroll: true });
    });
  };
  private readonly step = (by: 1 | -1) => {
    const places = this.places(), p = this.report.pairs!, n = p.columns.length, now = this.current();
    if (!places.length) return;
    const at = now ? places.findIndex((k) => (p.columns[Math.floor(k / n)] === now.a && p.columns[k % n] === now.b) || (p.columns[Math.floor(k / n)] === now.b && p.columns[k % n] === now.a)) : -1;
    const k = places[(at + by + places.length) % places.length];
    this.keep({ chosen: { a: p.columns[Math.floor(k / n)], b: p.columns[k % n] } });
  };
  /** What the reader chose, else the worst pair there is a picture of. */
  private current(): { a: string; b: string } | undefined {
    const p = this.report.pairs!;
    if (this.chosen && p.columns.includes(this.chosen.a) && p.columns.includes(this.chosen.b)) return this.chosen;
    const first = this.report.pairPictures?.[0];
    return first && { a: first.x.name, b: first.y.name };
  }

  protected override render() {
    const p = this.report.pairs!, n = p.columns.length, pinned = p.columns.filter((c) => this.pins.has(c)).length;
    const options = ([['all', `All ${n} columns`], ['worst', `${many} in the worst pairs`], ['pinned', 'Pinned columns']] as Array<[Which, string]>).filter(([k]) => k === 'all' || (k === 'worst' ? n > many : pinned > 1));
    const which = options.some(([k]) => k === this.which) ? this.which : 'all', now = this.current();
    return html`
      <p class="u-lead">How strongly each two columns depend on each other: correlation for two numeric columns, contingency for two categorical or a mixed pair, as SDMetrics defines them. In the score map, the cells that stand out are those the synthetic table lost. Click a cell, or press Enter on it, to see the two columns together.</p>
      ${options.length > 1 ? html`<div class="u-tools">${choice('Columns', which, options, (k) => this.keep({ which: k }))}</div>` : nothing}
      <u-heatmaps .pairs=${this.mapped(which)} .host=${this.host} .open=${this.openPair} .chosen=${now}></u-heatmaps>
      ${now ? html`<u-pair .report=${this.report} .host=${this.host} .pair=${now} .step=${this.step}></u-pair>` : nothing}
      <h3 class="u-sub">All pairs</h3>
      <div class="u-tools">
        ${searchField('Search pairs', this.search, (search) => this.keep({ search }))}
        ${choice('Sort pairs', this.sort, sorts.filter(([k]) => k !== 'control' || p.referenceScore), (sort) => this.keep({ sort }))}
        ${choice('Pairs of', this.statistic, statistics, (statistic) => this.keep({ statistic }))}
        ${this.pins.size ? html`<label class="u-check u-plain"><input type="checkbox" .checked=${this.onlyPinned} @change=${(e: Event) => this.keep({ onlyPinned: (e.target as HTMLInputElement).checked })}>With a pinned column</label>` : nothing}
      </div>
      <u-pair-table .pairs=${p} .places=${this.places()} .chosen=${now} .open=${this.openPair}></u-pair-table>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-pairs': UPairs } }
