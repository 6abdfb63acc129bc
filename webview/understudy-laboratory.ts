/** What a laboratory run found: generations fitted to generations, or a setting swept. */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CollapseResult, ExploreAxis, ExploreResult, LaboratoryResult, Verdict } from '../server/protocol';
import { collapseCsv, drawCollapse, modeStyle, sayCollapse, type CollapseData } from './charts/collapse';
import { drawTradeoff, sayTradeoff, tradeoffCsv, type TradeoffData } from './charts/tradeoff';
import { baseName, count, duration, moment, number } from './format';
import type { Host } from './host';
import { verdictIcon } from './icons';
import { axisFamily, axisFormat, bestOf, collapseAnswer, lineFor, primaryAxes, sweepAnswer } from './laboratory';
import { readable, terminalLine } from './parts/next';
import './picture';

const marks: Record<CollapseResult['series'][number]['outcome'], Verdict> = { worsens: 'poor', plateaus: 'fair', holds: 'good', undecided: 'undecided' };
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const signed = (x: number) => `${x > 0 ? '+' : ''}${number(+x.toPrecision(2))}`;
const fact = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

const diamond = html`<svg width="14" height="14" aria-hidden="true"><path d="M7 1l6 6-6 6-6-6z" fill="var(--u-syn)"/></svg>`;

@customElement('understudy-laboratory')
export class UnderstudyLaboratory extends LitElement {
  @property({ attribute: false }) result!: LaboratoryResult;
  @property({ attribute: false }) host!: Host;
  private made?: { of: LaboratoryResult; collapse: Map<string, CollapseData[]>; tradeoffs: TradeoffData[] };
  protected override createRenderRoot() { return this; }

  /** Made once for a result: pictures are drawn again only for new objects. */
  private get data() {
    const r = this.result;
    if (this.made?.of !== r) {
      const collapse = new Map<string, CollapseData[]>(), tradeoffs: TradeoffData[] = [];
      if (r.laboratory === 'collapse') for (const g of new Set(r.series.map((s) => s.generator))) collapse.set(g, r.measures.map((measure) => ({ measure, series: r.series.filter((s) => s.generator === g).map((s) => ({ mode: s.mode, points: s.points[measure.id]! })) })));
      else {
        const first = primaryAxes(r);
        for (let i = 0; i < first.length; i++) for (let j = i + 1; j < first.length; j++) tradeoffs.push({ x: first[i]!, y: first[j]!, points: r.points, knob: r.knob });
      }
      this.made = { of: r, collapse, tradeoffs };
    }
    return this.made;
  }

  protected override render(): TemplateResult { return html`<main class="u-page"><h1>${this.result.title}</h1>${this.result.laboratory === 'collapse' ? this.collapse(this.result) : this.explore(this.result)}
    <section aria-labelledby="lab-notes"><h2 id="lab-notes" tabindex="-1">Notes</h2><ul class="u-notes">${this.result.notes.map((n) => html`<li>${n}</li>`)}</ul></section></main>`; }

  private collapse(r: CollapseResult): TemplateResult {
    const modes = [...new Set(r.series.map((s) => s.mode))];
    return html`
      <p class="u-answer" role="status">${collapseAnswer(r)}</p>
      <ul class="u-lab-answers" aria-label="What became of each">${r.series.map((s) => html`<li class="u-panel"><h2><span>${s.generator}, ${s.mode}</span> <span class="u-mark u-${marks[s.outcome]}">${verdictIcon(marks[s.outcome])}<span>${capital(s.outcome)}</span></span></h2><p>${s.why}</p></li>`)}</ul>
      <dl class="u-facts">${fact('Source', html`${baseName(r.source.path)} <span class="u-muted">${count(r.source.rows)}\u00a0\u00d7\u00a0${count(r.source.columns)}</span>`)}${fact('Rows of each table', count(r.plan.rows))}${fact('Generations', r.plan.generations)}${fact('Chains (repetitions)', r.plan.chains)}
        ${modes.includes('anchor') ? fact('Real rows in anchor', `${Math.round(100 * r.plan.share)}%`) : nothing}${fact('Seed', r.plan.seed)}${fact('Time', duration(r.seconds))}${fact('Made', html`<time datetime=${r.created}>${moment(r.created)}</time>`)}</dl>
      <ul class="u-legend" aria-label="Legend">${modes.map((m) => html`<li><svg width="30" height="12" aria-hidden="true"><path d="M1 6h28" stroke=${modeStyle[m].stroke} stroke-width="2.25" stroke-dasharray=${modeStyle[m].dashes}/></svg>${modeStyle[m].words}</li>`)}<li><svg width="22" height="12" aria-hidden="true"><rect width="22" height="12" fill="var(--u-muted)" opacity=".25"/></svg>95% interval over chains</li><li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-muted)"/></svg>nothing lost</li></ul>
      ${[...this.data.collapse].map(([generator, all], k) => html`<section aria-labelledby="lab-${k}"><h2 id="lab-${k}" tabindex="-1">${generator}</h2>
        <div class="u-lab">${all.map((d) => html`<article class="u-panel"><h3>${d.measure.name}</h3><p class="u-muted u-small">${d.measure.definition}</p>
          <u-picture .data=${d} .draw=${drawCollapse} .host=${this.host} .name=${`${generator}, ${d.measure.name}`} .words=${sayCollapse(d)} .tall=${190} .csv=${collapseCsv}></u-picture></article>`)}</div>
        <h3 class="u-sub">Change from generation to generation</h3>${this.slopes(r, generator)}</section>`)}`;
  }

  private slopes(r: CollapseResult, generator: string): TemplateResult {
    const cell = (s: { value: number; low: number; high: number } | undefined) => html`<td class="u-num">${s ? html`<b>${signed(s.value)}</b><br><span class="u-muted u-small">${signed(s.low)} to ${signed(s.high)}</span>` : '\u2013'}</td>`;
    const own = r.series.filter((s) => s.generator === generator), against = own.length > 1 && r.contrasts.length ? own.filter((s) => s.mode !== 'replace') : [];
    return html`<div class="u-scroll" tabindex="0" role="region" aria-label=${`Slopes of ${generator}`}><table class="u-lab-table"><caption class="u-hidden">Change per generation of ${generator}, with 95% intervals</caption>
      <thead><tr><th scope="col" rowspan="2">Measure</th>${own.map((s) => html`<th scope="colgroup" colspan="2" class="u-num">${capital(s.mode)}</th>`)}${against.length ? html`<th scope="colgroup" colspan=${against.length} class="u-num">Lost faster by replacing than with</th>` : nothing}</tr>
        <tr>${own.map(() => html`<th scope="col" class="u-num">all</th><th scope="col" class="u-num">second half</th>`)}${against.map((s) => html`<th scope="col" class="u-num">${s.mode}</th>`)}</tr></thead>
      <tbody>${r.measures.map((m) => html`<tr><th scope="row">${m.name}</th>${own.map((s) => html`${cell(s.slopes[m.id]?.all)}${cell(s.slopes[m.id]?.late)}`)}
        ${against.map((s) => cell(r.contrasts.find((c) => c.generator === generator && c.mode === s.mode && c.measure === m.id)?.difference))}</tr>`)}</tbody></table></div>`;
  }

  private explore(r: ExploreResult): TemplateResult {
    const file = baseName(r.source.path), front = r.points.filter((p) => p.front), chosen = front.length === 1 ? front[0]!.label : bestOf(r)[0]?.label, line = r.publishable && chosen !== undefined ? lineFor(r, chosen, r.source.path) : undefined;
    const value = (a: ExploreAxis, v: { value: number; low?: number; high?: number } | undefined) => { const say = axisFormat(a); return html`<td class="u-num">${v ? html`<b>${say(v.value)}</b>${v.low === undefined ? nothing : html`<br><span class="u-muted u-small">${say(v.low)} to ${say(v.high)}</span>`}` : '\u2013'}</td>`; };
    return html`
      <p class="u-answer" role="status">${sweepAnswer(r)}</p>
      ${r.publishable ? nothing : html`<p class="u-warning"><span>${r.notes[0]}</span></p>`}
      <ul class="u-lab-answers" aria-label="Best of each">${bestOf(r).map((b) => html`<li class="u-panel"><h2><span>${b.title}: ${/^[\d.]+$/.test(b.label) ? `${r.knob} ${b.label}` : b.label}</span></h2><p>${b.axis.name} <b>${axisFormat(b.axis)(b.value.value)}</b>${b.value.low === undefined ? nothing : html` <span class="u-muted">(${axisFormat(b.axis)(b.value.low)} to ${axisFormat(b.axis)(b.value.high)})</span>`}.
        ${b.close.length ? html`<span class="u-muted">Not clearly better than ${b.close.join(', ')}: the intervals overlap.</span>` : nothing}</p></li>`)}</ul>
      ${line ? html`<section class="u-next" aria-labelledby="next-title"><h2 id="next-title" tabindex="-1">What to do next</h2><ol><li><div><h3>Make the stand-in with the setting you choose</h3><p>Look at the report of its runs first: each seed in the table below opens one.${this.host.editor && r.knob === 'generator' ? ' In the editor, Synthesize... offers the generators in its last step.' : ''}</p>
        ${terminalLine(line, readable(line, { source: { path: r.source.path, rows: 0, columns: 0 }, synthetic: { path: '', rows: 0 } }))}</div></li></ol></section>` : nothing}
      <dl class="u-facts">${fact('Source', html`${file} <span class="u-muted">${count(r.source.rows)} rows</span>`)}${fact('What was varied', r.knob)}${fact('Runs a point', r.seeds.length)}${fact('Time', duration(r.seconds))}${fact('Made', html`<time datetime=${r.created}>${moment(r.created)}</time>`)}</dl>
      <ul class="u-legend" aria-label="Legend"><li>${diamond}beaten by no other point (Pareto front)</li><li><svg width="14" height="14" aria-hidden="true"><circle cx="7" cy="7" r="5" fill="var(--u-surface)" stroke="var(--u-real-line)" stroke-width="2"/></svg>beaten by another</li><li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-real-line)" stroke-width="1.5"/></svg>95% interval${r.seeds.length > 1 ? ' over seeds' : ''}</li></ul>
      <section aria-labelledby="lab-trade"><h2 id="lab-trade" tabindex="-1">One against the other</h2><p class="u-lead">Up and to the right is better in every picture.</p>
        <div class="u-panels">${this.data.tradeoffs.map((d) => html`<article class="u-panel"><h3>${axisFamily(d.x)} and ${axisFamily(d.y).toLowerCase()}</h3>
          <u-picture .data=${d} .draw=${drawTradeoff} .host=${this.host} .name=${`${d.x.name} and ${d.y.name}`} .words=${sayTradeoff(d)} .tall=${300} .csv=${tradeoffCsv}></u-picture></article>`)}</div></section>
      <section aria-labelledby="lab-points"><h2 id="lab-points" tabindex="-1">Points</h2>
        <div class="u-scroll" tabindex="0" role="region" aria-label="Points of the sweep"><table class="u-lab-table"><caption class="u-hidden">Figures of every point</caption>
          <thead><tr><th scope="col">${capital(r.knob)}</th>${r.axes.map((a) => html`<th scope="col" class="u-num" title=${a.definition}>${a.name}<br><span class="u-muted u-small">${a.better} is better</span></th>`)}<th scope="col" class="u-after-num">Reports</th></tr></thead>
          <tbody>${r.points.map((p) => html`<tr><th scope="row"><span class="u-point">${p.front ? html`${diamond}<span class="u-hidden">beaten by no other: </span>` : nothing}${p.label}</span></th>${r.axes.map((a) => value(a, p.values[a.metric]))}
            <td class="u-after-num">${p.runs.map((run, i) => html`${i ? html`<br>` : nothing}${run.state === 'finished' ? (this.host.editor ? html`<button type="button" class="u-link" title=${`Open the report of run ${run.id}`} @click=${() => this.host.post({ type: 'openRun', folder: run.folder })}>seed ${run.seed}</button>` : html`<span title=${run.id}>seed ${run.seed}</span>`) : html`<span class="u-muted" title=${run.error ?? ''}>seed ${run.seed}: ${run.state}</span>`}`)}</td></tr>`)}</tbody></table></div></section>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'understudy-laboratory': UnderstudyLaboratory } }
