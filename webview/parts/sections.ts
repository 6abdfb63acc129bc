/** The report's sections that hold no state of their own: header, verdicts, pairs, distances, training, provenance. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Figure, ReportData } from '../../server/protocol';
import { drawDistances, logIsApt, sayDistances } from '../charts/distance';
import { drawInterval, sayInterval, type IntervalData } from '../charts/interval';
import { drawPaired, sayPaired, type PairedData } from '../charts/paired';
import { drawTraining, sayTraining } from '../charts/training';
import { distancesCsv, figuresCsv, trainingCsv } from '../csv';
import { baseName, count, duration, moment, number, unitFormat } from '../format';
import type { Host } from '../host';
import { legend, verdictMark } from '../icons';
import { checkBox, pushButton } from '../controls';
import { objectiveParts } from './objective';

const familyNames: Record<string, string> = { fidelity: 'Fidelity', utility: 'Utility', privacy: 'Privacy', fairness: 'Fairness', structure: 'Structure', 'time-series': 'Time series', collapse: 'Collapse' };
export const familyName = (f: string) => familyNames[f] ?? f;
const familyQuestions: Record<string, string> = { fidelity: 'How faithful is it?', utility: 'Is it as useful?', privacy: 'Whom does it expose?', fairness: 'Are groups treated alike?', structure: 'Do its rules hold?', 'time-series': 'Does it move alike?', collapse: 'Does it wear out?' };

/** The one figure of a family that a picture on its card shows. */
const leading: Record<string, string[]> = { fidelity: ['fidelity.two-sample', 'fidelity.shapes'], utility: ['utility.tstr'], privacy: ['privacy.membership-auc', 'privacy.near-copies'] };
const strips = new WeakMap<Figure, IntervalData>();
function leadingStrip(r: ReportData, family: string, host: Host): TemplateResult | typeof nothing {
  const f = leading[family]?.map((id) => r.figures.find((x) => x.metric === id && x.value !== null)).find(Boolean);
  if (!f) return nothing;
  const info = r.metrics[f.metric];
  let data = strips.get(f);
  if (!data) strips.set(f, (data = { figure: f, ...(info && { info }) }));
  return html`<div class="u-strip"><span class="u-muted u-small">${info?.name ?? f.metric}: <b>${unitFormat(info)(f.value)}</b>${f.reference ? `, ${f.reference.label} ${unitFormat(info)(f.reference.value)}` : ''}</span>
    <u-picture .data=${data} .draw=${drawInterval} .host=${host} .words=${sayInterval(data)} .name=${`${info?.name ?? f.metric}, headline`} .tall=${48} .csv=${(d: IntervalData) => figuresCsv([d.figure], r.metrics)}></u-picture></div>`;
}

export function header(r: ReportData, host: Host): TemplateResult {
  return html`<header class="u-head">
    <div class="u-title"><h1>${r.title}</h1>${host.editor ? pushButton('Export as HTML...', () => host.post({ type: 'export' }), { secondary: true, title: 'The whole report as one file that opens in any browser' }) : nothing}</div>
    <p class="u-chips">${r.verdicts.map((v) => html`<span><b>${familyName(v.family)}</b> ${verdictMark(v.verdict)}</span>`)}</p>
  </header>`;
}

/** What was compared with what, and how it was made; below the answers, which a reader came for. */
export function facts(r: ReportData, host: Host): TemplateResult {
  const path = (p: string) => (host.editor ? html`<button type="button" class="u-link" title=${`Open ${p}`} @click=${() => host.open(p)}>${baseName(p)}</button>` : html`<span title=${p}>${baseName(p)}</span>`);
  const item = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`
    <dl class="u-facts">
      ${item('Source', html`${path(r.source.path)} <span class="u-muted">${count(r.source.rows)}\u00a0\u00d7\u00a0${count(r.source.columns)}</span>`)}
      ${item('Synthetic', html`${path(r.synthetic.path)} <span class="u-muted">${count(r.synthetic.rows)} rows</span>`)}
      ${r.audience === 'publishable' ? nothing : r.control ? item('Control', html`${count(r.control.rows)} rows`) : item('Control', html`<span class="u-muted">none</span>`)}
      ${r.outcome ? item('Outcome', html`${r.outcome.column}${r.outcome.guessed ? html` <span class="u-muted">guessed</span>` : nothing}`) : nothing}
      ${r.run ? html`${item('Generator', r.run.generator)}${item('Seed', html`<span class="u-num">${r.run.seed}</span>`)}${r.run.device ? item('Device', html`<span title=${r.run.device.whyNotBetter ?? r.run.device.description}>${r.run.device.name}</span> <span class="u-muted">${r.run.device.description}</span>`) : nothing}${item('Time', duration(r.run.seconds))}` : nothing}
      ${item('Made', html`<time datetime=${r.created}>${moment(r.created)}</time>`)}
    </dl>`;
}

/** "Fidelity: good. A classifier ..." -> "A classifier ...": on the card, name and verdict stand above the sentence already. */
export function withoutVerdict(sentence: string, family: string, verdict: string): string {
  const prefix = `${familyName(family).toLowerCase()}: ${verdict.replace('-', ' ')}. `, rest = sentence.slice(prefix.length);
  return rest && sentence.toLowerCase().startsWith(prefix) ? rest.charAt(0).toUpperCase() + rest.slice(1) : sentence;
}

export const verdictCards = (r: ReportData, host: Host): TemplateResult => html`<section class="u-verdicts" aria-label="Verdicts">${r.verdicts.map((v) => html`
  <article class="u-verdict u-edge-${v.verdict}">
    <header><h2><span>${familyName(v.family)}</span>${familyQuestions[v.family] ? html` <span class="u-question">${familyQuestions[v.family]}</span>` : nothing}</h2>${verdictMark(v.verdict)}</header>
    <p>${withoutVerdict(v.sentence, v.family, v.verdict)}</p>
    ${leadingStrip(r, v.family, host)}
    ${v.reasons.length ? html`<details><summary>Why<span class="u-hidden"> the verdict on ${familyName(v.family)}</span></summary><ul>${v.reasons.map((x) => html`<li>${x}</li>`)}</ul></details>` : nothing}
  </article>`)}</section>`;

const isCopies = (f: Figure) => /cop(y|ies)/i.test(f.metric);
const isMembershipRate = (f: Figure, r: ReportData) => /member|tpr/i.test(f.metric) && r.metrics[f.metric]?.unit === 'share' && !/auc/i.test(f.metric);
const paired = new WeakMap<ReportData, Record<string, PairedData>>();

/** Copies, and rates of the membership attack, each on one axis; stable objects, so that pictures are drawn once. */
function pairedOf(r: ReportData): Record<string, PairedData> {
  let made = paired.get(r);
  if (!made) {
    const pick = (keep: (f: Figure) => boolean) => r.figures.filter((f) => f.value !== null && keep(f));
    made = {
      copies: { figures: pick((f) => isCopies(f) && r.metrics[f.metric]?.unit !== 'score'), metrics: r.metrics, axis: 'share of rows' },
      membership: { figures: pick((f) => isMembershipRate(f, r)), metrics: r.metrics, axis: 'share of training rows recognised' },
    };
    paired.set(r, made);
  }
  return made;
}

export const hasDistances = (r: ReportData) => !!r.distances || Object.values(pairedOf(r)).some((p) => p.figures.length);

export function distancesSection(r: ReportData, host: Host, log: boolean, setLog: (on: boolean) => void): TemplateResult {
  const d = r.distances, { copies, membership } = pairedOf(r);
  const pairedPicture = (title: string, name: string, p: PairedData, say: string) => (p.figures.length ? html`<div class="u-panel"><h3>${title}</h3><p class="u-lead">${say}</p>
    <u-picture .data=${p} .draw=${drawPaired} .host=${host} .name=${name} .words=${sayPaired(p)} .csv=${(x: PairedData) => figuresCsv(x.figures, x.metrics)}></u-picture></div>` : nothing);
  return html`
    <div class="u-tools">${legend(r.control ? 'control: real rows never fitted' : null, 'synthetic', null)}
      ${d && logIsApt(d) ? checkBox('Logarithmic distances', log, setLog) : nothing}</div>
    <div class="u-panels">
    ${d ? html`<div class="u-panel u-panel-wide"><h3>Distance to the closest training row</h3>
      <p class="u-lead">If the generator had remembered people, the synthetic line would rise on the left of the control\u2019s. Distances can reveal a leak; they cannot rule one out. ${sentenceCase(d.metric)}</p>
      <u-picture .data=${d} .draw=${drawDistances} .choices=${log ? logOn : logOff} .host=${host} .name=${'nearest-record distances'} .words=${sayDistances(d)} .tall=${240} .csv=${distancesCsv}></u-picture></div>
      <div class="u-panel"><h3>Quantiles</h3><div class="u-scroll" tabindex="0" role="region" aria-label="Distance quantiles"><table><caption class="u-hidden">Quantiles of the distance to the closest training row</caption>
        <thead><tr><th scope="col">Closest</th><th scope="col" class="u-num">Synthetic</th>${d.controlToTraining ? html`<th scope="col" class="u-num">Control</th><th scope="col" class="u-num">Ratio</th>` : nothing}</tr></thead>
        <tbody>${d.quantiles.map((q) => html`<tr><th scope="row">${q.q === 0.5 ? 'median' : `${+(q.q * 100).toFixed(2)}%`}</th><td class="u-num">${number(q.synthetic)}</td>${d.controlToTraining ? html`<td class="u-num">${number(q.control)}</td><td class="u-num">${q.control ? (q.synthetic / q.control).toFixed(2) : '\u2013'}</td>` : nothing}</tr>`)}</tbody></table></div>
        <p class="u-muted u-small">A ratio well below 1 at the top means rows nearer to training than fresh real rows are.</p></div>` : nothing}
    ${pairedPicture('Copies', 'copies', copies, 'Rows equal to a training row, or all but equal, beside how often that happens between real tables by chance.')}
    ${pairedPicture('Membership attack', 'membership attack', membership, 'How many training rows an attacker recognises while accusing few of the others falsely. Beside it, what guessing reaches.')}
    </div>`;
}
const sentenceCase = (t: string) => { const s = t.trim(); return s ? `${s.charAt(0).toUpperCase()}${s.slice(1)}${/[.!?]$/.test(s) ? '' : '.'}` : ''; };
const logOn = { log: true }, logOff = {};

export const trainingSection = (t: NonNullable<ReportData['training']>, host: Host): TemplateResult => html`
  <div class="u-tools"><ul class="u-legend" aria-label="Legend">
    <li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-real-line)" stroke-width="1.5"/></svg>training loss</li>
    ${t.validation.length ? html`<li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-syn)" stroke-width="2"/></svg>validation loss</li>` : nothing}
    ${t.stoppedAt === undefined ? nothing : html`<li><svg width="22" height="12" aria-hidden="true"><path d="M11 0v12" stroke="var(--u-hold)" stroke-width="2" stroke-dasharray="4 2.5"/></svg>where fitting stopped</li>`}</ul></div>
  <u-picture .data=${t} .draw=${drawTraining} .host=${host} .name=${'training curve'} .words=${sayTraining(t)} .tall=${240} .csv=${trainingCsv}></u-picture>
  ${t.note ? html`<p class="u-lead">${t.note}</p>` : nothing}
  ${objectiveParts(t, host)}`;

export const provenance = (r: ReportData): TemplateResult => html`
  ${r.notes.length ? html`<ul class="u-notes">${r.notes.map((n) => html`<li>${n}</li>`)}</ul>` : nothing}
  <div class="u-panels">
    <div class="u-panel"><h3>Where this comes from</h3><dl class="u-provenance">
      <dt>Source</dt><dd>${r.source.path}</dd><dt>Synthetic</dt><dd>${r.synthetic.path}</dd>
      ${r.audience === 'publishable' ? nothing : html`<dt>Control</dt><dd>${r.control ? html`${r.control.path ? html`${r.control.path}, ` : nothing}${count(r.control.rows)} rows, ${r.control.how.replace(/^control [\d,]+ rows; /, '')}` : 'None: privacy cannot be assessed, and fidelity is judged against the rows that were fitted.'}</dd>`}
      ${r.outcome ? html`<dt>Outcome</dt><dd>${r.outcome.column}, ${r.outcome.task}${r.outcome.guessed ? ', guessed from the columns: name another if it is the wrong one' : ''}</dd>` : nothing}
      ${r.run ? html`<dt>Run</dt><dd>${r.run.id}</dd><dt>Generator</dt><dd>${r.run.generator}, seed ${r.run.seed}, ${duration(r.run.seconds)}</dd>
        ${r.run.device ? html`<dt>Device</dt><dd>${r.run.device.name}: ${r.run.device.description}${r.run.device.whyNotBetter ? `. ${r.run.device.whyNotBetter}` : ''}</dd>` : nothing}
        <dt>Versions</dt><dd>${Object.entries(r.run.versions).map(([k, v]) => `${k} ${v}`).join(', ')}</dd>` : nothing}
    </dl></div>
    ${r.figures.length ? figuresLimits : nothing}
  </div>`;

const figuresLimits = html`<div class="u-panel"><h3>What these figures do not say</h3>
      <p>A good score means that these checks saw no difference, not that there is none. Fidelity looks at single columns, at pairs, and at what one classifier can tell apart; a rule that ties many columns together can be broken unseen. Utility is measured for one outcome and one kind of model.</p>
      <p>The privacy figures are attacks and diagnostics. They can show that rows leaked; they cannot show that none did, least of all for a few unusual people among many. Only a formal guarantee, such as differential privacy, bounds what any attacker can learn, and this report claims none unless it says so above.</p>
      <p>Intervals describe the chance of drawing other rows from this generator and this population. They do not cover fitting again with another seed, errors in the source, or people whom the source leaves out.</p></div>`;
