/**
 * Pair dependence: real, synthetic and score side by side, with one cursor through all three, by mouse or arrow keys; a click or Enter opens the pair.
 * With many columns one map at a time, as large as there is room, so that a cell can still be hit.
 */
import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { PairReport } from '../../server/protocol';
import { dependenceColour, lossColour, worstScore } from '../charts/colours';
import { cellAt, drawHeatmap, layoutHeatmap, type HeatmapLayout } from '../charts/heatmap';
import { choice } from '../controls';
import { pairsCsv } from '../csv';
import { score as sayScore } from '../format';
import { fileName, type Host } from '../host';
import { downloadIcon } from '../icons';
import { pairAt } from '../order';
import { standaloneSvg } from '../svg';
import { currentTheme, themeChanged } from '../theme';

type Which = 'real' | 'synthetic' | 'score';
const whiches = ['score', 'real', 'synthetic'] as const;
/** Beyond, a third of the page's width leaves too little for a cell. */
const sideBySide = 60;
const titles: Record<Which, string> = { real: 'Real', synthetic: 'Synthetic', score: 'Score, 1 is best' };

@customElement('u-heatmaps')
export class UHeatmaps extends LitElement {
  @property({ attribute: false }) pairs!: PairReport;
  @property({ attribute: false }) host!: Host;
  /** The pair shown below, marked in the maps. */
  @property({ attribute: false }) chosen?: { a: string; b: string };
  @property({ attribute: false }) open?: (a: string, b: string) => void;
  /** The map that is seen where there is room for one only. */
  @state() private alone: Which = 'score';
  @state() private cursor?: { i: number; j: number };
  private layouts: Partial<Record<Which, HeatmapLayout>> = {};
  private drawnFor = '';
  private drawnPairs?: PairReport;
  private resize?: ResizeObserver;
  private readonly onTheme = () => this.paint();

  protected override createRenderRoot() { return this; }
  override connectedCallback() {
    super.connectedCallback();
    this.ownerDocument.addEventListener(themeChanged, this.onTheme);
    if (typeof ResizeObserver !== 'undefined') { this.resize = new ResizeObserver(() => this.paint()); this.resize.observe(this); }
  }
  override disconnectedCallback() { super.disconnectedCallback(); this.ownerDocument.removeEventListener(themeChanged, this.onTheme); this.resize?.disconnect(); }
  protected override updated() { this.paint(); this.placeCursor(); }

  private paint(): void {
    const width = this.clientWidth || 900;
    // Passing through a hidden or collapsing layout (a print preview does that): the next size will do.
    if (width < 160) return;
    const theme = currentTheme(this.ownerDocument.defaultView!);
    const single = this.pairs.columns.length > sideBySide, shown: readonly Which[] = single ? [this.alone] : ['real', 'synthetic', 'score'];
    const key = `${width} ${theme} ${single ? this.alone : ''}`;
    if (key === this.drawnFor && this.drawnPairs === this.pairs) return;
    this.drawnFor = key; this.drawnPairs = this.pairs;
    const { pairs } = this, side = !single && width >= 760, gap = 20;
    this.classList.toggle('u-side', side);
    const worst = worstScore(pairs.score);
    // Side by side, only the first map carries the rows' names, and all cells are of one size.
    const probe = layoutHeatmap(pairs.columns, 0, true);
    const room = side ? (width - probe.left - 2 * gap - 14) / 3 : Math.min(width, single ? 1000 : 560);
    this.layouts = {};
    for (const which of shown) {
      const rowLabels = !side || which === 'real';
      const layout = layoutHeatmap(pairs.columns, side ? room + (rowLabels ? probe.left : 4) : room, rowLabels);
      this.layouts[which] = layout;
      const { svg, canvas } = drawHeatmap({ names: pairs.columns, values: pairs[which], layout, rowLabels,
        colourOf: which === 'score' ? (v) => lossColour(v, worst, theme) : (v) => dependenceColour(v, theme) }, this.ownerDocument);
      const frame = this.querySelector<HTMLElement>(`[data-map=${which}] .u-map`)!;
      frame.replaceChildren(...(canvas ? [canvas] : []), svg, ...frame.querySelectorAll('.u-cursor'));
      if (rowLabels) frame.parentElement!.style.setProperty('--u-map-left', `${layout.left}px`);
      Object.assign(frame.style, { width: `${layout.width}px`, height: `${layout.height}px` });
      if (canvas) Object.assign(canvas.style, { left: `${layout.left}px`, top: `${layout.top}px`, width: `${layout.side}px`, height: `${layout.side}px` });
      this.paintScale(which, worst, theme);
    }
    this.placeCursor();
  }

  private paintScale(which: Which, worst: number, theme: ReturnType<typeof currentTheme>): void {
    const steps = 24, low = which === 'score' ? worst : -1;
    const bar = this.querySelector<SVGElement>(`[data-map=${which}] .u-scale svg`)!;
    bar.replaceChildren(...Array.from({ length: steps }, (_, k) => {
      const r = this.ownerDocument.createElementNS('http://www.w3.org/2000/svg', 'rect'), v = low + ((1 - low) * (k + 0.5)) / steps;
      for (const [a, x] of Object.entries({ x: k * 4, y: 0, width: 4.2, height: 8, fill: which === 'score' ? lossColour(v, worst, theme) : dependenceColour(v, theme) })) r.setAttribute(a, String(x));
      return r;
    }));
    this.querySelector(`[data-map=${which}] .u-low`)!.textContent = which === 'score' ? worst.toFixed(2) : '\u22121';
  }

  private placeCursor(): void {
    const at = this.chosen && { i: this.pairs.columns.indexOf(this.chosen.a), j: this.pairs.columns.indexOf(this.chosen.b) };
    for (const which of whiches) {
      const layout = this.layouts[which];
      if (!layout) continue;
      const put = (e: HTMLElement | null, cell: { i: number; j: number } | undefined, least: number) => {
        if (!e) return;
        e.hidden = !cell || cell.i < 0 || cell.j < 0;
        if (e.hidden || !cell) return;
        const size = Math.max(layout.cell, least), shift = (layout.cell - size) / 2;
        Object.assign(e.style, { left: `${layout.left + cell.j * layout.cell + shift}px`, top: `${layout.top + cell.i * layout.cell + shift}px`, width: `${size}px`, height: `${size}px` });
      };
      put(this.querySelector(`[data-map=${which}] .u-cursor:not(.u-chosen)`), this.cursor, 5);
      put(this.querySelector(`[data-map=${which}] .u-chosen`), at, 7);
    }
  }

  private point(e: PointerEvent, which: Which): void {
    const frame = e.currentTarget as HTMLElement, box = frame.getBoundingClientRect();
    this.cursor = cellAt(this.layouts[which]!, this.pairs.columns.length, e.clientX - box.left, e.clientY - box.top);
  }

  private key(e: KeyboardEvent): void {
    const n = this.pairs.columns.length, far = e.shiftKey ? 10 : 1;
    const move: Record<string, [number, number]> = { ArrowUp: [-far, 0], ArrowDown: [far, 0], ArrowLeft: [0, -far], ArrowRight: [0, far] };
    if (e.key === 'Escape') { this.cursor = undefined; return; }
    if ((e.key === 'Enter' || e.key === ' ') && this.cursor) { e.preventDefault(); this.openAt(); return; }
    if (e.key === 'Home') this.cursor = { i: 0, j: 0 };
    else if (move[e.key]) {
      const from = this.cursor ?? { i: 0, j: 0 }, hold = (x: number) => Math.max(0, Math.min(n - 1, x));
      this.cursor = this.cursor ? { i: hold(from.i + move[e.key][0]), j: hold(from.j + move[e.key][1]) } : from;
    } else return;
    e.preventDefault();
  }

  private openAt(): void {
    const { cursor: c, pairs } = this;
    if (c && c.i !== c.j) this.open?.(pairs.columns[c.i], pairs.columns[c.j]);
  }

  private save(which: Which): void {
    const svg = this.querySelector<SVGSVGElement>(`[data-map=${which}] .u-map svg`);
    if (svg) this.host.save(fileName(`pairs-${which}`, 'svg'), standaloneSvg(svg, `Pair dependence: ${titles[which]}`), 'image/svg+xml');
  }

  protected override render() {
    const p = this.pairs, c = this.cursor && pairAt(p, this.cursor.i, this.cursor.j);
    const n = p.columns.length;
    const single = n > sideBySide, shown: readonly Which[] = single ? [this.alone] : ['real', 'synthetic', 'score'];
    const say = (which: Which) => `Heat map, ${titles[which]}: ${n} by ${n} columns. Arrow keys move between cells, Shift with them ten at a time; the values are read out, and Enter shows the pair. All pairs are in the table below.`;
    return html`
      ${single ? html`<div class="u-tools">${choice('Map', this.alone, [['score', 'Score'], ['real', 'Real'], ['synthetic', 'Synthetic']], (which) => { this.alone = which; })}</div>` : nothing}
      <div class="u-readout" aria-live="polite">${c
        ? html`<strong>${c.a}</strong> \u00d7 <strong>${c.b}</strong> <span class="u-muted">${c.statistic}</span> real <b>${sayScore(c.real)}</b> \u00b7 synthetic <b>${sayScore(c.synthetic)}</b> \u00b7 score <b>${sayScore(c.score)}</b>${c.reference === undefined || c.reference === null ? '' : html` \u00b7 control\u2019s score <b>${sayScore(c.reference)}</b>`}`
        : html`<span class="u-muted">Point at a cell, or focus a map and use the arrow keys, to read a pair${single ? '' : ' in all three maps'}.</span>`}</div>
      <div class="u-maps">${shown.map((which) => html`
        <figure data-map=${which}>
          <figcaption><span class="u-map-title">${titles[which]}</span>
            <span class="u-scale"><span class="u-low"></span><svg width="97" height="8" aria-hidden="true"></svg><span>1</span></span></figcaption>
          <div class="u-map" role="application" aria-roledescription="heat map" tabindex="0" aria-label=${say(which)}
            @pointermove=${(e: PointerEvent) => this.point(e, which)} @pointerleave=${() => { this.cursor = undefined; }} @click=${() => this.openAt()} @keydown=${this.key}>
            <div class="u-cursor" hidden></div><div class="u-cursor u-chosen" hidden></div>
          </div>
          <div class="u-saves"><button type="button" class="u-save" @click=${() => this.save(which)} aria-label=${`Save heat map ${titles[which]} as SVG`} title="Save picture as SVG">${downloadIcon}SVG</button>
          ${which === 'score' || single ? html`<button type="button" class="u-save" @click=${() => this.host.save('pairs.csv', pairsCsv(p), 'text/csv')} aria-label="Save all pairs as CSV" title="Save data as CSV">${downloadIcon}CSV</button>` : ''}</div>
        </figure>`)}</div>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-heatmaps': UHeatmaps } }
