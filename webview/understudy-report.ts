/** The whole report: `<understudy-report>` with a `report` and a `host`. */
import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Figure, MetricFamily, ReportData } from '../server/protocol';
import { figuresCsv } from './csv';
import type { Host } from './host';
import { downloadIcon } from './icons';
import { worstFiguresFirst } from './order';
import { UPicture } from './picture';
import './parts/columns';
import './parts/figure-row';
import { nextBlock } from './parts/next';
import './parts/pairs';
import { audienceNote, privacySection } from './parts/privacy';
import { distancesSection, facts, familyName, hasDistances, header, provenance, trainingSection, verdictCards } from './parts/sections';

const families: MetricFamily[] = ['target', 'fidelity', 'utility', 'privacy', 'fairness', 'structure', 'time-series', 'collapse'];

@customElement('understudy-report')
export class UnderstudyReport extends LitElement {
  @property({ attribute: false }) report?: ReportData;
  @property({ attribute: false }) host!: Host;
  @state() private log = false;
  @state() private pins: ReadonlySet<string> = new Set();
  protected override createRenderRoot() { return this; }

  private readonly onPrint = () => this.querySelectorAll<UPicture>('u-picture').forEach((p) => p.show());
  private scrolling = 0;
  private placed = false;
  private readonly onScroll = () => {
    clearTimeout(this.scrolling);
    this.scrolling = setTimeout(() => this.host?.keep({ scroll: window.scrollY }), 150) as unknown as number;
  };

  override connectedCallback() {
    super.connectedCallback();
    const { log, pins } = this.host?.state() ?? {};
    this.log = log === true;
    if (Array.isArray(pins)) this.pins = new Set(pins.filter((p): p is string => typeof p === 'string'));
    window.addEventListener('beforeprint', this.onPrint);
    window.addEventListener('scroll', this.onScroll, { passive: true });
  }
  override disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('beforeprint', this.onPrint);
    window.removeEventListener('scroll', this.onScroll);
  }
  /** Back to where the reader was, once the page has its height. */
  protected override updated() {
    if (!this.report || this.placed) return;
    this.placed = true;
    const y = this.host?.state().scroll;
    if (typeof y === 'number' && y > 0) requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, y)));
  }

  private readonly pin = (name: string) => {
    const next = new Set(this.pins);
    if (!next.delete(name)) next.add(name);
    this.pins = next;
    this.host.keep({ pins: [...next] });
  };

  private goTo(e: Event, id: string): void {
    e.preventDefault();
    const target = this.querySelector<HTMLElement>(`#${id}`);
    const calm = window.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
    target?.scrollIntoView?.({ behavior: calm ? 'auto' : 'smooth', block: 'start' });
    target?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }

  private figures(r: ReportData) {
    const held = (f: Figure) => r.metrics[f.metric]?.estimand === 'model-held', of = (family: MetricFamily) => worstFiguresFirst(r.figures.filter((f) => (r.metrics[f.metric]?.family ?? f.metric.split('.')[0]) === family));
    return html`
      <div class="u-tools"><ul class="u-legend" aria-label="Legend">
        <li><svg width="30" height="14" aria-hidden="true"><path d="M1 7h28M1 4v6M29 4v6" stroke="var(--u-syn)" stroke-width="2"/><circle cx="15" cy="7" r="4.5" fill="var(--u-syn)"/></svg>synthetic, with its interval</li>
        <li><svg width="12" height="14" aria-hidden="true"><path d="M6 0v14" stroke="var(--u-hold)" stroke-width="2" stroke-dasharray="3 2"/></svg>reference: real data\u2019s own value</li>
        <li><svg width="34" height="12" aria-hidden="true"><rect width="11" height="12" fill="var(--u-band-poor)"/><rect x="11.5" width="11" height="12" fill="var(--u-band-fair)"/><rect x="23" width="11" height="12" fill="var(--u-band-good)"/></svg>poor, fair, good</li></ul>
        <span class="u-muted u-small">Each axis is zoomed to what matters.</span>
        <button type="button" class="u-save u-solid" @click=${() => this.host.save('figures.csv', figuresCsv(r.figures, r.metrics), 'text/csv')} aria-label="Save all: Figures CSV">${downloadIcon}Figures CSV</button></div>
      ${families.map((family) => ({ family, list: of(family).filter((f) => !held(f)) })).filter(({ list }) => list.length).map(({ family, list }) => html`
        <h3 class="u-family">${familyName(family)}</h3>
        <ul class="u-figures">${list.map((f) => html`<li><u-figure .figure=${f} .info=${r.metrics[f.metric]} .host=${this.host}></u-figure></li>`)}</ul>
        ${family === 'privacy' ? this.ofModel(r, of(family).filter(held)) : nothing}`)}`;
  }

  /** Under a heading of their own: what is poor of the model would stand beside a verdict on the rows that does not count it. */
  private ofModel(r: ReportData, list: Figure[]) {
    return list.length === 0 ? nothing : html`
        <h3 class="u-family">If the model itself were given away</h3>
        <p class="u-lead">Not counted in the verdict on privacy: the rows do not show it, only the fitted model does. Keep it as you keep the real table.</p>
        <ul class="u-figures">${list.map((f) => html`<li><u-figure .figure=${f} .info=${r.metrics[f.metric]} .host=${this.host}></u-figure></li>`)}</ul>`;
  }

  protected override render() {
    const r = this.report;
    if (!r) return html`<main class="u-page"><p class="u-none" role="status">Waiting for the report\u2026</p></main>`;
    const setLog = (on: boolean) => { this.log = on; this.host.keep({ log: on }); };
    const sections: Array<{ id: string; title: string; body: unknown } | false> = [
      !!r.privacyProof && { id: 'proof', title: 'Differential privacy', body: privacySection(r.privacyProof, this.host) },
      r.figures.length > 0 && { id: 'figures', title: 'Headline figures', body: this.figures(r) },
      r.columns.length > 0 && { id: 'columns', title: 'Columns', body: html`<u-columns .report=${r} .host=${this.host} .pins=${this.pins} .pin=${this.pin}></u-columns>` },
      !!r.pairs && r.pairs.columns.length > 1 && { id: 'pairs', title: 'Pair dependence', body: html`<u-pairs .report=${r} .host=${this.host} .pins=${this.pins}></u-pairs>` },
      hasDistances(r) && { id: 'distances', title: 'Nearest records', body: distancesSection(r, this.host, this.log, setLog) },
      !!r.training && r.training.steps.length > 0 && { id: 'training', title: 'Training', body: trainingSection(r.training, this.host) },
      { id: 'provenance', title: 'Notes and provenance', body: provenance(r) },
    ];
    const shown = sections.filter((s) => s !== false);
    return html`<main class="u-page">
      ${header(r, this.host)}
      ${audienceNote(r)}
      <div class="u-answers">${r.verdicts.length ? verdictCards(r, this.host) : ''}
      ${nextBlock(r, this.host)}</div>
      ${facts(r, this.host)}
      <nav class="u-nav" aria-label="Sections">${shown.map((s) => html`<a href=${`#${s.id}`} @click=${(e: Event) => this.goTo(e, s.id)}>${s.title}</a>`)}</nav>
      ${shown.map((s) => html`<section id=${s.id} aria-labelledby=${`${s.id}-title`}><h2 id=${`${s.id}-title`} tabindex="-1">${s.title}</h2>${s.body}</section>`)}
    </main>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'understudy-report': UnderstudyReport } }
