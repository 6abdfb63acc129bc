/** The frame around every picture: its words, its downloads, and drawing it only when it is seen and as wide as there is room. */
import { LitElement, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Draw, PictureChoices } from './charts/base';
import { fileName, type Host } from './host';
import { downloadIcon } from './icons';
import { standaloneSvg } from './svg';

/** One observer for all pictures: hundreds of them are cheap that way. */
let seen: IntersectionObserver | undefined;
function whenSeen(e: UPicture): void {
  if (typeof IntersectionObserver === 'undefined') return e.show();
  seen ??= new IntersectionObserver((entries) => { for (const x of entries) if (x.isIntersecting) { seen!.unobserve(x.target); (x.target as UPicture).show(); } }, { rootMargin: '400px' });
  seen.observe(e);
}
let sized: ResizeObserver | undefined;
function whenSized(e: UPicture): void {
  if (typeof ResizeObserver === 'undefined') return;
  sized ??= new ResizeObserver((entries) => { for (const x of entries) (x.target as UPicture).fit(x.contentRect.width); });
  sized.observe(e);
}

/**
 * `draw(data, width)` must be a stable function and `data` a stable object: the picture is drawn again only when one of
 * them, the choices, or the width changes. `csv` gives the numbers behind it.
 */
@customElement('u-picture')
export class UPicture extends LitElement {
  @property({ attribute: false }) data: unknown;
  @property({ attribute: false }) draw!: Draw<never>;
  @property({ attribute: false }) choices: PictureChoices = {};
  @property({ attribute: false }) csv?: (data: never) => string;
  @property({ attribute: false }) host!: Host;
  /** What the picture shows, in words; read by screen readers in its place. */
  @property() words = '';
  /** What it is called in file names and button labels. */
  @property() name = '';
  /** Height kept before it is drawn, so that the page does not jump. */
  @property({ type: Number }) tall = 0;
  private visible = false;
  private drawn?: { svg: SVGSVGElement; width: number; data: unknown; log?: boolean };

  protected override createRenderRoot() { return this; }
  override connectedCallback() { super.connectedCallback(); whenSeen(this); whenSized(this); }
  override disconnectedCallback() { super.disconnectedCallback(); seen?.unobserve(this); sized?.unobserve(this); }

  /** Draws now, seen or not (printing needs that). */
  show(): void { this.visible = true; this.paint(); }
  fit(width: number): void { if (this.drawn && Math.abs(width - this.drawn.width) >= 1) this.paint(); }

  private paint(): void {
    const frame = this.querySelector<HTMLElement>('.u-drawing');
    if (!this.visible || !frame || !this.draw) return;
    // jsdom and hidden ancestors know no widths.
    const width = Math.max(120, Math.floor(frame.clientWidth || 320));
    const { drawn } = this;
    if (drawn && drawn.width === width && drawn.data === this.data && drawn.log === this.choices.log && drawn.svg.parentNode === frame) return;
    const svg = this.draw(this.data as never, width, this.choices);
    frame.replaceChildren(svg);
    this.drawn = { svg, width, data: this.data, log: this.choices.log };
  }

  protected override updated() {
    const frame = this.querySelector<HTMLElement>('.u-drawing');
    if (frame && this.tall) frame.style.minHeight = `${this.tall}px`;
    this.paint();
  }

  private saveSvg() { this.show(); if (this.drawn) this.host.save(fileName(this.name, 'svg'), standaloneSvg(this.drawn.svg, this.words), 'image/svg+xml'); }
  private saveCsv() { if (this.csv) this.host.save(fileName(this.name, 'csv'), this.csv(this.data as never), 'text/csv'); }

  protected override render() {
    return html`<div class="u-drawing" role="img" aria-label=${this.words}></div>
      <div class="u-saves">
        <button type="button" class="u-save" @click=${this.saveSvg} aria-label=${`Save picture of ${this.name} as SVG`} title="Save picture as SVG">${downloadIcon}SVG</button>
        ${this.csv ? html`<button type="button" class="u-save" @click=${this.saveCsv} aria-label=${`Save data of ${this.name} as CSV`} title="Save data as CSV">${downloadIcon}CSV</button>` : ''}
      </div>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-picture': UPicture } }
