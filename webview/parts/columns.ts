/** The columns as a grid of small pictures, worst first, with search, sorting, filters and pins; of hundreds only those in view are on the page. */
import { WindowVirtualizerController } from '@tanstack/lit-virtual';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ColumnReport, ReportData } from '../../server/protocol';
import { choice, searchField } from '../controls';
import { columnScoresCsv } from '../csv';
import type { Host } from '../host';
import { downloadIcon, legend } from '../icons';
import { chooseColumns, groupOf, type ColumnSort, type KindGroup, type VerdictFilter } from '../order';
import { columnCard } from './column-card';

const sorts: Array<[ColumnSort, string]> = [['worst', 'Worst first'], ['name', 'Name'], ['file', 'File order'], ['kind', 'Kind']];
const groups: Array<[KindGroup, string]> = [['all', 'All kinds'], ['numeric', 'Numeric'], ['categorical', 'Categorical'], ['temporal', 'Dates and times'], ['other', 'Not modelled']];
const verdicts: Array<[VerdictFilter, string]> = [['all', 'All'], ['short', 'Falling short'], ['good', 'Good'], ['pinned', 'Pinned']];
/** So many cards cost nothing, and the browser's own search finds them all; beyond, only what is near the view is drawn. */
export const drawnAtOnce = 60;
const cardWidth = 280, gap = 14;

interface Choice { sort: ColumnSort; group: KindGroup; search: string; verdict: VerdictFilter }

@customElement('u-columns')
export class UColumns extends LitElement {
  @property({ attribute: false }) report!: ReportData;
  @property({ attribute: false }) host!: Host;
  @property({ attribute: false }) pins: ReadonlySet<string> = new Set();
  @property({ attribute: false }) pin!: (name: string) => void;
  @state() private chosen: Choice = { sort: 'worst', group: 'all', search: '', verdict: 'all' };
  @state() private perRow = 4;
  private printing = false;
  private rows?: WindowVirtualizerController<Element>;
  private resize?: ResizeObserver;
  protected override createRenderRoot() { return this; }

  private readonly onPrint = () => { this.printing = true; this.requestUpdate(); this.performUpdate(); };
  private readonly afterPrint = () => { this.printing = false; this.requestUpdate(); };

  override connectedCallback() {
    super.connectedCallback();
    const kept = this.host?.state() ?? {}, of = <K extends string>(options: Array<[K, string]>, value: unknown, otherwise: K) => (options.some(([k]) => k === value) ? (value as K) : otherwise);
    this.chosen = { sort: of(sorts, kept.sort, 'worst'), group: of(groups, kept.group, 'all'), verdict: of(verdicts, kept.verdict, 'all'), search: typeof kept.search === 'string' ? kept.search : '' };
    window.addEventListener('beforeprint', this.onPrint);
    window.addEventListener('afterprint', this.afterPrint);
    if (typeof ResizeObserver !== 'undefined') { this.resize = new ResizeObserver(() => this.measure()); this.resize.observe(this); }
  }
  override disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('beforeprint', this.onPrint);
    window.removeEventListener('afterprint', this.afterPrint);
    this.resize?.disconnect();
  }
  private measure() { const width = this.clientWidth; if (width > 0) this.perRow = Math.max(1, Math.floor((width + gap) / (cardWidth + gap))); }
  private choose(patch: Partial<Choice>) { this.chosen = { ...this.chosen, ...patch }; this.host.keep(patch); }

  /** A card that moves loses the focus: it is given back, or the keyboard would begin again at the top of the page. */
  private readonly pinAndStay = (name: string) => {
    this.pin(name);
    requestAnimationFrame(() => { for (const b of this.querySelectorAll<HTMLElement>('.u-pin')) if (b.getAttribute('aria-label') === `Pin ${name}`) b.focus({ preventScroll: true }); });
  };

  private grid(kept: ColumnReport[]): TemplateResult {
    const card = (c: ColumnReport, place?: { at: number; of: number }) => columnCard(c, { host: this.host, pinned: this.pins.has(c.name), pin: this.pinAndStay, ...(place && { place }) });
    if (kept.length <= drawnAtOnce || this.printing) return html`<div class="u-grid" role="list">${repeat(kept, (c) => c.name, (c) => card(c))}</div>`;
    const count = Math.ceil(kept.length / this.perRow), options = { count, estimateSize: () => 330, overscan: 2, gap, scrollMargin: this.querySelector<HTMLElement>('.u-window')?.offsetTop ?? this.offsetTop };
    this.rows ??= new WindowVirtualizerController<Element>(this, options);
    const rows = this.rows.getVirtualizer();
    // The controller's own options carry the observers; these are what changes.
    rows.setOptions({ ...rows.options, ...options });
    return html`<div class="u-window" role="list" .style=${`height:${rows.getTotalSize()}px`}>${repeat(rows.getVirtualItems(), (row) => row.key, (row) => html`
      <div class="u-row u-grid" role="presentation" data-index=${row.index} ${ref((e) => rows.measureElement(e ?? null))} .style=${`transform:translateY(${row.start - options.scrollMargin}px);grid-template-columns:repeat(${this.perRow},minmax(0,1fr))`}>
        ${repeat(kept.slice(row.index * this.perRow, (row.index + 1) * this.perRow), (c) => c.name, (c, i) => card(c, { at: row.index * this.perRow + i + 1, of: kept.length }))}</div>`)}</div>`;
  }

  protected override render() {
    const { columns, control, pairs } = this.report, { sort, group, verdict, search } = this.chosen;
    const kept = chooseColumns(columns, { ...this.chosen, pins: this.pins }, pairs?.columns);
    const present = new Set<KindGroup>(columns.map((c) => groupOf(c.kind)));
    const anyControl = !!control || columns.some((c) => c.picture.type !== 'none' && c.picture.holdout);
    return html`
      <div class="u-tools">
        ${searchField('Search columns', search, (text) => this.choose({ search: text }))}
        ${choice('Sort', sort, sorts, (k) => this.choose({ sort: k }))}
        ${choice('Kind', group, groups.filter(([k]) => k === 'all' || k === group || present.has(k)), (k) => this.choose({ group: k }))}
        ${choice('Show', verdict, verdicts.filter(([k]) => k === 'all' || k === 'pinned' || k === verdict || columns.some((c) => c.verdict)), (k) => this.choose({ verdict: k }))}
        <span class="u-muted u-count" role="status">${kept.length === columns.length ? `${columns.length} column${columns.length === 1 ? '' : 's'}` : `${kept.length} of ${columns.length} columns`}</span>
        ${this.report.audience === 'publishable' ? legend(null, 'synthetic', 'real, with noise') : legend(anyControl ? 'control: real rows never fitted' : null)}
        <button type="button" class="u-save u-solid" @click=${() => this.host.save('columns.csv', columnScoresCsv(columns), 'text/csv')} aria-label="Save all: Scores CSV">${downloadIcon}Scores CSV</button>
      </div>
      ${kept.length ? this.grid(kept) : html`<p class="u-none">${verdict === 'pinned' && !this.pins.size ? 'No column is pinned: the pin in the corner of a card puts its column first, here and among the pairs.' : 'No column matches.'}${search || group !== 'all' || verdict !== 'all' ? html` <button type="button" class="u-link" @click=${() => this.choose({ search: '', group: 'all', verdict: 'all' })}>Show all</button>` : nothing}</p>`}`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-columns': UColumns } }
