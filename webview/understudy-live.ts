/** A run seen while it goes on: where it is, how long it will take, on what it computes, and its loss as it falls. */
import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LiveCurve, Phase, RunRecord, RunState } from '../server/protocol';
import { drawTraining, sayTraining, type Training } from './charts/training';
import { pushButton } from './controls';
import { trainingCsv } from './csv';
import { baseName, count, duration, number } from './format';
import type { Host } from './host';
import './picture';

const phases: Array<[Phase, string]> = [['reading', 'Reading'], ['profiling', 'Looking at columns'], ['preparing', 'Preparing'], ['training', 'Training'], ['sampling', 'Drawing rows'], ['writing', 'Writing'], ['evaluating', 'Evaluating'], ['reporting', 'Reporting']];
const doing: Record<RunRecord['kind'], string> = { synthesize: 'Synthesizing', evaluate: 'Evaluating', collapse: 'Refitting', explore: 'Sweeping' };
const ended: Partial<Record<RunState, string>> = {
  failed: 'The run failed', cancelled: 'The run was cancelled', interrupted: 'The run was interrupted',
};

@customElement('understudy-live')
export class UnderstudyLive extends LitElement {
  @property({ attribute: false }) run!: RunRecord;
  @property({ attribute: false }) curve!: LiveCurve;
  @property({ attribute: false }) host!: Host;
  protected override createRenderRoot() { return this; }

  protected override render() {
    const { run, curve } = this, p = run.progress, over = ended[run.state], step = phases.findIndex(([k]) => k === (p?.phase === 'warming-up' ? 'training' : p?.phase));
    const shown = phases.filter(([k]) => run.kind === 'synthesize' || (run.kind === 'evaluate' ? ['reading', 'evaluating', 'reporting'] : ['reading', 'training', 'reporting']).includes(k));
    const percent = Math.round(100 * (p?.fraction ?? 0)), drawable = curve.steps.length > 1 || curve.validationSteps.length > 1;
    const what = over ?? `${doing[run.kind]} ${baseName(run.source)}`;
    const fact = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<main class="u-page u-live">
      <h1>${what}</h1>
      ${over ? html`<div class="u-panel u-ended" role="status"><p><b>${run.error?.message ?? 'What was fitted is kept.'}</b></p>${run.error?.hint ? html`<p>${run.error.hint}</p>` : nothing}
          <p class="u-muted">${run.state === 'failed' ? 'Nothing of the source was changed.' : 'It can go on from its last checkpoint; nothing that was fitted is lost.'}</p>
          <div class="u-buttons">${pushButton('Resume Run', () => this.host.post({ type: 'command', id: 'resumeRun' }))}${pushButton('Show Log', () => this.host.post({ type: 'command', id: 'showLog' }), { secondary: true })}</div></div>`
        : html`<div class="u-progress"><progress max="100" .value=${percent} aria-label=${`Progress of the run: ${percent}%`}></progress><b>${percent}%</b>
            <span class="u-muted" role="status">${p?.secondsLeft !== undefined && p.secondsLeft > 0.5 ? `about ${duration(p.secondsLeft)} left` : run.state === 'queued' ? 'waiting for another run to end' : ''}</span>
            ${pushButton('Cancel Run', () => this.host.post({ type: 'command', id: 'cancelRun' }), { secondary: true, title: 'What was fitted stays: a cancelled run can be resumed' })}</div>
          <ol class="u-phases" aria-label="Phases">${shown.map(([k, words]) => { const at = phases.findIndex(([q]) => q === k); return html`<li class=${at < step ? 'u-past' : at === step ? 'u-now' : ''} aria-current=${at === step ? 'step' : nothing}>${words}</li>`; })}</ol>`}
      <dl class="u-facts">
        ${p?.message && (run.kind === 'collapse' || run.kind === 'explore') ? fact('Now', p.message) : nothing}${run.generator ? fact('Generator', run.generator) : nothing}${run.seed === undefined ? nothing : fact('Seed', run.seed)}
        ${run.device ? fact('Device', html`${run.device.name} <span class="u-muted">${run.device.description}</span>${run.device.whyNotBetter ? html`<br><span class="u-muted u-small">${run.device.whyNotBetter}</span>` : nothing}`) : nothing}
        ${p?.step ? fact('Step', html`${count(p.step)}${p.steps ? html` <span class="u-muted">of at most ${count(p.steps)}</span>` : nothing}`) : nothing}
        ${p?.loss === undefined ? nothing : fact('Training loss', number(p.loss))}
        ${curve.validation.length ? fact('Best validation loss', number(Math.min(...curve.validation))) : nothing}
      </dl>
      ${run.kind !== 'synthesize' ? nothing : html`<section aria-labelledby="curve-title"><h2 id="curve-title">Loss</h2>
        <p class="u-lead">The validation loss decides when to stop: the rows it is measured on are not fitted, so when it turns up the generator has begun to learn rows by heart.</p>
        ${drawable ? html`<div class="u-tools"><ul class="u-legend" aria-label="Legend">
            <li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-real-line)" stroke-width="1.5"/></svg>training loss</li>
            ${curve.validation.length ? html`<li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-syn)" stroke-width="2"/></svg>validation loss</li>` : nothing}</ul></div>
          <u-picture .data=${curve as Training} .draw=${drawTraining} .host=${this.host} .name=${'training curve so far'} .words=${sayTraining(curve as Training)} .tall=${240} .csv=${trainingCsv}></u-picture>`
          : html`<p class="u-none u-none-tall">${over ? 'There is no curve: training had not begun, or this window was opened after it.' : 'The curve begins with the training.'}</p>`}</section>`}
      ${over ? nothing : html`<p class="u-muted">The report takes this place when the run is done. This tab may be closed meanwhile.</p>`}
    </main>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'understudy-live': UnderstudyLive } }
