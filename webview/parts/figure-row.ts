/** A headline figure: verdict, name, the interval strip, the numbers, and behind a button what they mean. */
import { LitElement, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Figure, MetricInfo } from '../../server/protocol';
import { drawInterval, judgedElsewhere, judgedOtherwise, sayInterval, type IntervalData } from '../charts/interval';
import { figuresCsv } from '../csv';
import { number, samples, unitFormat } from '../format';
import type { Host } from '../host';
import { verdictMark } from '../icons';
import '../picture';

const drawn = new WeakMap<Figure, IntervalData>();
const range = ([low, high]: [number, number]) => (high > 1e300 ? `${number(low)} and up` : `range ${number(low)} to ${number(high)}`);
/** The same object for the same figure, so that the picture is not drawn again on every update. */
const dataOf = (figure: Figure, info?: MetricInfo) => { let d = drawn.get(figure); if (!d || d.info !== info) drawn.set(figure, (d = { figure, info })); return d; };
/** `smallestDetectable` -> "Smallest detectable", `upper95` -> "Upper 95". */
const words = (key: string) => { const t = key.replace(/([a-z])([A-Z0-9])/g, '$1 $2').replace(/[_-]/g, ' ').toLowerCase(); return t.charAt(0).toUpperCase() + t.slice(1); };

/** What a figure is about, so that nobody takes it for more. */
const estimands = { file: 'these rows as they are', model: 'the fitted model, from which other rows could be drawn', refits: 'the generator, fitted again and again', 'model-held': 'the fitted model in other hands, not these rows; no part of the verdict on them' };

/** What a metric asks for, in the words of the command line. */
const needs: Record<MetricInfo['needs'][number], string> = {
  holdout: 'real rows never learnt from (--holdout)', outcome: 'an outcome (--outcome)', training: 'the rows learnt from', sensitive: 'sensitive columns (--sensitive)', order: 'an order (--order)', entity: 'whose rows are (--entity)',
  model: 'the fitted model', identifiers: 'columns that identify people',
};

@customElement('u-figure')
export class UFigure extends LitElement {
  @property({ attribute: false }) figure!: Figure;
  @property({ attribute: false }) info?: MetricInfo;
  @property({ attribute: false }) host!: Host;
  @state() private open = false;
  protected override createRenderRoot() { return this; }

  /** What the picture of the value does not show: the verdict rests on something else, or there is none, and why. */
  private judgedBy() {
    const { figure: f, info } = this, on = info?.threshold && judgedElsewhere(f, info) ? info.threshold.on ?? 'excess' : undefined, judged = on === undefined ? undefined : f.detail?.[on];
    if (f.verdict === 'undecided' && f.note) return html`<p class="u-fig-judged">${f.note}</p>`;
    if (!info?.threshold || typeof judged !== 'number') return nothing;
    const { good, fair } = info.threshold, to = good <= fair ? 'up to' : 'from', say = info.unit === 'share' ? unitFormat(info) : number;
    return html`<p class="u-fig-judged">Judged is the ${words(on!).toLowerCase()}: <b>${say(judged)}</b>. Good ${to} ${say(good)}, fair ${to} ${say(fair)}.</p>`;
  }

  protected override render() {
    const { figure: f, info } = this, say = unitFormat(info), name = info?.name ?? f.metric;
    const id = `about-${f.metric.replace(/[^\w-]/g, '-')}`;
    const level = f.interval ? `${Math.round(f.interval.level * 100)}%` : '';
    return html`
      <div class="u-fig-name"><span class="u-fig-title">${name}</span>${verdictMark(f.verdict)}</div>
      <div class="u-fig-picture">${f.value === null
        ? html`<p class="u-none">${f.note ?? 'Not assessable.'}</p>`
        : html`<u-picture .data=${dataOf(f, info)} .draw=${drawInterval} .host=${this.host} .words=${sayInterval(dataOf(f, info))} .name=${name} .tall=${48}
            .csv=${(d: IntervalData) => figuresCsv([d.figure], d.info ? { [d.figure.metric]: d.info } : {})}></u-picture>${this.judgedBy()}`}</div>
      <div class="u-fig-value"><b>${say(f.value)}</b>${f.interval ? html`<span class="u-muted" title=${`${level} interval`}>${say(f.interval.low)} to ${say(f.interval.high)}</span>` : nothing}</div>
      <div class="u-fig-reference">${f.reference ? html`<span class="u-ref-value">${say(f.reference.value)}</span><span class="u-muted">${f.reference.label}</span>` : html`<span class="u-muted">${info?.better === 'target' && info.target !== undefined ? `aim ${say(info.target)}` : 'no reference'}</span>`}</div>
      <button type="button" class="u-about" aria-expanded=${this.open ? 'true' : 'false'} aria-controls=${id} @click=${() => { this.open = !this.open; }}><span class="u-hidden">What ${name} means</span><span aria-hidden="true">${this.open ? '\u2212' : '?'}</span></button>
      <div class="u-fig-about" id=${id} ?hidden=${!this.open}>
        <p>${info?.definition ?? 'No definition was recorded for this figure.'}</p>
        <dl>
          ${f.note && f.value !== null ? html`<dt>Note</dt><dd>${f.note}</dd>` : nothing}
          ${info ? html`<dt>Needs</dt><dd>${info.needs.length ? info.needs.map((n) => needs[n]).join(', ') : 'the two tables only'}${info.suite ? `; computed with --suite ${info.suite}` : ''}</dd>` : nothing}
          <dt>Rows used</dt><dd>${samples(f.samples) || 'none'}</dd>
          ${f.interval ? html`<dt>${level} interval</dt><dd>${say(f.interval.low)} to ${say(f.interval.high)}, by ${f.interval.method}</dd>` : nothing}
          ${f.reference ? html`<dt>${f.reference.label}</dt><dd>${say(f.reference.value)}${f.reference.interval ? ` (${say(f.reference.interval[0])} to ${say(f.reference.interval[1])})` : ''}</dd>` : nothing}
          ${info ? html`<dt>Direction</dt><dd>${info.better === 'target' ? `nearer to ${info.target ?? 0} is better` : `${info.better} is better`}, ${range(info.range)}</dd>` : nothing}
          ${info ? html`<dt>Speaks of</dt><dd>${estimands[info.estimand ?? 'model']}</dd>` : nothing}
          ${info?.threshold ? html`<dt>Bands</dt><dd>good ${say(info.threshold.good)}, fair ${say(info.threshold.fair)}${judgedElsewhere(f, info) ? `, of the ${words(info.threshold.on ?? 'excess').toLowerCase()} below and not of the value` : judgedOtherwise(f, info) ? '; chance, or what real rows score themselves, decided otherwise here' : ''}. ${info.threshold.why}</dd>` : nothing}
          ${Object.entries(f.detail ?? {}).map(([k, v]) => html`<dt>${words(k)}</dt><dd>${typeof v === 'string' ? v : info?.unit === 'share' && Math.abs(v) <= 1 ? say(v) : number(v)}</dd>`)}
          ${Object.keys(f.columns ?? {}).length ? html`<dt>Worst first</dt><dd>${Object.entries(f.columns!).slice(0, 12).map(([name, v], i) => html`${i ? ', ' : ''}${name} ${number(v)}`)}${Object.keys(f.columns!).length > 12 ? ' ...' : ''}</dd>` : nothing}
          ${info?.paper ? html`<dt>Source</dt><dd>${info.paper}</dd>` : nothing}
          <dt>Id</dt><dd><code>${f.metric}</code></dd>
        </dl>
      </div>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-figure': UFigure } }
