/** Two runs side by side: verdicts, figures with the difference and whether the intervals overlap, and every column's two scores. */
import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ReportData } from '../server/protocol';
import { drawDumbbells, drawTwo, type Dumbbells } from './charts/compare';
import { caveats, pairColumns, pairFigures, summary, type ColumnPair, type FigurePair } from './compare';
import { choice, pushButton, searchField } from './controls';
import { csv } from './csv';
import { baseName, clip, count, duration, moment, score, unitFormat } from './format';
import type { Host } from './host';
import { downloadIcon, verdictMark } from './icons';
import { familyName, withoutVerdict } from './parts/sections';
import './picture';

const drawnColumns = 24;
const signed = (text: string, v: number) => (v > 0 ? `+${text}` : text);
type Sort = 'difference' | 'first' | 'second' | 'name';

@customElement('understudy-comparison')
export class UnderstudyComparison extends LitElement {
  @property({ attribute: false }) reports!: [ReportData, ReportData];
  @property({ attribute: false }) names!: [string, string];
  @property({ attribute: false }) host!: Host;
  @state() private search = '';
  @state() private sort: Sort = 'difference';
  private made?: { of: [ReportData, ReportData]; figures: FigurePair[]; columns: ColumnPair[]; picture: Dumbbells };
  protected override createRenderRoot() { return this; }

  override connectedCallback() {
    super.connectedCallback();
    const kept = (this.host?.state().comparison ?? {}) as Record<string, unknown>;
    if (typeof kept.search === 'string') this.search = kept.search;
    if (['difference', 'first', 'second', 'name'].includes(kept.sort as string)) this.sort = kept.sort as Sort;
  }
  private keep(patch: { search?: string; sort?: Sort }) { Object.assign(this, patch); this.host.keep({ comparison: { search: this.search, sort: this.sort } }); }
  /** Made once for two reports: pictures are drawn again only for new objects. */
  private get data() {
    if (this.made?.of !== this.reports) {
      const [a, b] = this.reports, figures = pairFigures(a, b), columns = pairColumns(a, b);
      this.made = { of: this.reports, figures, columns, picture: { columns: columns.filter((c) => c.difference !== null).slice(0, drawnColumns), names: this.labels } };
    }
    return this.made;
  }
  /** "A: weather (seed 1)": the letter stands wherever there is no room for the name. */
  private get labels(): [string, string] { return [`A: ${this.names[0]}`, `B: ${this.names[1]}`]; }

  private run(side: 0 | 1) {
    const r = this.reports[side];
    return html`<article class="u-panel u-side-${side}"><header><h2><span class="u-letter">${'AB'[side]}</span> ${this.names[side]}</h2>
      ${this.host.editor ? pushButton('Open Report', () => this.host.post({ type: 'command', id: 'openReport', side }), { secondary: true }) : nothing}</header>
      <p class="u-muted u-small">${baseName(r.synthetic.path)}, ${count(r.synthetic.rows)} rows${r.run ? `, ${r.run.generator}, seed ${r.run.seed}, ${duration(r.run.seconds)}` : ''}, ${moment(r.created)}</p>
      <ul class="u-verdict-list">${r.verdicts.map((v) => html`<li><div><b>${familyName(v.family)}</b> ${verdictMark(v.verdict)}</div><p>${withoutVerdict(v.sentence, v.family, v.verdict)}</p></li>`)}</ul></article>`;
  }

  private figureRow(f: FigurePair) {
    const say = unitFormat(f.info), name = f.info?.name ?? f.metric;
    const value = (x: FigurePair['first']) => html`<td class="u-num">${!x || x.value === null ? html`<span class="u-muted" title=${x?.note ?? ''}>not assessable</span>` : html`<b>${say(x.value)}</b>${x.interval ? html`<br><span class="u-muted u-small">${say(x.interval.low)} to ${say(x.interval.high)}</span>` : nothing}`}</td>`;
    const told = f.difference === null ? '\u2013' : f.overlap === undefined ? 'no interval' : f.overlap ? 'overlap: cannot tell' : f.better === 'same' ? 'apart' : `apart: ${f.better === 'first' ? 'A' : 'B'} is better`;
    return html`<tr class=${f.overlap === false ? 'u-apart' : ''}><th scope="row">${name}<br><span class="u-muted u-small">${f.info?.better === 'target' ? `aim ${say(f.info.target ?? 0)}` : f.info ? `${f.info.better} is better` : ''}</span></th>
      ${value(f.first)}${value(f.second)}
      <td class="u-num">${f.difference === null ? '\u2013' : signed(say(f.difference), f.difference)}</td><td>${told}</td>
      <td class="u-two">${f.difference === null ? nothing : html`<u-picture .data=${f} .draw=${drawTwo} .host=${this.host} .tall=${52} .name=${`${name}, two runs`} .csv=${(x: FigurePair) => this.figuresCsv([x])}
        .words=${`${name}: A ${say(f.first!.value)}, B ${say(f.second!.value)}; the intervals ${f.overlap === undefined ? 'are not known' : f.overlap ? 'overlap' : 'are apart'}.`}></u-picture>`}</td></tr>`;
  }
  private figuresCsv(list: FigurePair[]): string {
    return csv(['metric', 'name', 'a', 'a_low', 'a_high', 'b', 'b_low', 'b_high', 'difference', 'intervals_overlap', 'better'], list.map((f) => [f.metric, f.info?.name, f.first?.value, f.first?.interval?.low, f.first?.interval?.high, f.second?.value, f.second?.interval?.low, f.second?.interval?.high, f.difference, f.overlap === undefined ? '' : String(f.overlap), f.better === 'same' ? '' : f.better === 'first' ? 'a' : 'b']));
  }
  private columnsCsv(list: ColumnPair[]): string { return csv(['column', 'kind', 'a', 'b', 'difference'], list.map((c) => [c.name, c.kind, c.first, c.second, c.difference])); }

  protected override render() {
    const { figures, columns, picture } = this.data, warnings = caveats(...this.reports), needle = this.search.trim().toLowerCase();
    const order: Record<Sort, (p: ColumnPair, q: ColumnPair) => number> = { difference: () => 0, name: (p, q) => p.name.localeCompare(q.name, 'en', { numeric: true }), first: (p, q) => (p.first ?? 2) - (q.first ?? 2), second: (p, q) => (p.second ?? 2) - (q.second ?? 2) };
    const kept = columns.filter((c) => !needle || c.name.toLowerCase().includes(needle)).sort(order[this.sort]);
    const control = this.reports.map((r) => new Map(r.columns.map((c) => [c.name, c.referenceScore])));
    return html`<main class="u-page">
      <h1>Two runs side by side</h1>
      <p class="u-answer" role="status">${summary(figures, ['A', 'B'])}</p>
      ${warnings.map((w) => html`<p class="u-warning"><span>${w}</span></p>`)}
      <div class="u-runs">${this.run(0)}${this.run(1)}</div>
      <section aria-labelledby="compare-figures"><h2 id="compare-figures" tabindex="-1">Headline figures</h2>
        <div class="u-tools">${this.legend()}<button type="button" class="u-save u-solid" @click=${() => this.host.save('comparison.csv', this.figuresCsv(figures), 'text/csv')} aria-label="Save both runs: Figures CSV">${downloadIcon}Figures CSV</button></div>
        <div class="u-scroll" tabindex="0" role="region" aria-label="Figures of both runs"><table class="u-compare"><caption class="u-hidden">Figures of both runs, their difference, and whether their intervals overlap</caption>
          <thead><tr><th scope="col">Figure</th><th scope="col" class="u-num">A</th><th scope="col" class="u-num">B</th><th scope="col" class="u-num">B \u2212 A</th><th scope="col">95% intervals</th><th scope="col">Both on one axis</th></tr></thead>
          <tbody>${figures.map((f) => this.figureRow(f))}</tbody></table></div></section>
      <section aria-labelledby="compare-columns"><h2 id="compare-columns" tabindex="-1">Columns</h2>
        ${picture.columns.length ? html`<div class="u-panel"><h3>${picture.columns.length < columns.filter((c) => c.difference !== null).length ? `The ${picture.columns.length} columns that differ most` : 'Scores of all columns'}</h3>${this.legend()}
          <u-picture .data=${picture} .draw=${drawDumbbells} .host=${this.host} .name=${'column scores of two runs'} .csv=${(d: Dumbbells) => this.columnsCsv(d.columns)}
            .words=${`Column scores of both runs. Largest difference: ${picture.columns[0].name}, A ${score(picture.columns[0].first)}, B ${score(picture.columns[0].second)}.`}></u-picture></div>` : nothing}
        <div class="u-tools u-after">${searchField('Search columns', this.search, (search) => this.keep({ search }))}${choice('Sort', this.sort, [['difference', 'Largest difference'], ['first', 'Worst in A'], ['second', 'Worst in B'], ['name', 'Name']], (sort) => this.keep({ sort }))}
          <span class="u-muted" role="status">${kept.length} of ${columns.length} columns</span>
          <button type="button" class="u-save u-solid" @click=${() => this.host.save('compared-columns.csv', this.columnsCsv(columns), 'text/csv')} aria-label="Save both runs: Scores CSV">${downloadIcon}Scores CSV</button></div>
        <div class="u-scroll u-tall" tabindex="0" role="region" aria-label="Column scores of both runs"><table><caption class="u-hidden">Column scores of both runs</caption>
          <thead><tr><th scope="col">Column</th><th scope="col">Kind</th><th scope="col" class="u-num">A</th><th scope="col" class="u-num">B</th><th scope="col" class="u-num">B \u2212 A</th><th scope="col" class="u-num">Control</th></tr></thead>
          <tbody>${kept.map((c) => html`<tr><th scope="row">${clip(c.name, 60)}</th><td>${c.kind}</td><td class="u-num">${score(c.first)}</td><td class="u-num">${score(c.second)}</td><td class="u-num">${c.difference === null ? '\u2013' : signed(score(c.difference), c.difference)}</td><td class="u-num u-muted">${score(control[0].get(c.name) ?? control[1].get(c.name))}</td></tr>`)}</tbody></table></div></section>
    </main>`;
  }
  private legend() {
    return html`<ul class="u-legend" aria-label="Legend"><li><svg width="14" height="12" aria-hidden="true"><circle cx="7" cy="6" r="4.5" fill="var(--u-syn)"/></svg>A: ${this.names[0]}</li>
      <li><svg width="14" height="14" aria-hidden="true"><path d="M7 1.5l5 5.5-5 5.5-5-5.5z" fill="none" stroke="var(--u-other)" stroke-width="2"/></svg>B: ${this.names[1]}</li></ul>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'understudy-comparison': UnderstudyComparison } }
