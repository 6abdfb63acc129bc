/** What was proven of a release under a privacy budget: whom a report is for, the statement, the budget, the ledger, and what was declared instead of being protected. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { LedgerLine, PrivacyReport, ReportData } from '../../server/protocol';
import { csv } from '../csv';
import { count, moment } from '../format';
import type { Host } from '../host';
import { downloadIcon, warningIcon } from '../icons';

/** Epsilons are rounded up: a cost is never shown to be less than it is. */
export const epsilon = (x: number | null): string => (x === null || !Number.isFinite(x) ? 'none proven' : String(Math.ceil(x * 1000 - 1e-9) / 1000));
const unitWords = (u: PrivacyReport['unit']) => (u === 'row' ? 'one row' : `all rows of one \u201c${u.entity}\u201d`);

/** Before everything else: may this page be passed on? */
export function audienceNote(r: ReportData): TemplateResult | typeof nothing {
  if (r.audience === 'internal') return html`<p class="u-audience u-internal" role="note">${warningIcon}<span><b>Not to be published.</b> This report compares with the real table, and its figures are covered by no guarantee: they were not charged to the privacy budget. What may be passed on are the synthetic table and the publishable report beside it.</span></p>`;
  if (r.audience === 'publishable') return html`<p class="u-audience" role="note"><span><b>May be published.</b> Nothing on this page comes from the real table but what was declared public or is listed, with its cost, in the ledger below.</span></p>`;
  return nothing;
}

/** The budget as a bar: what each run's lines say on hovering is in the table too, so the bar is one picture with one sentence. */
function budgetBar({ budget, spent }: PrivacyReport): TemplateResult {
  const share = Math.min(1, Math.max(0, spent.epsilon / budget.epsilon)), words = `Epsilon ${epsilon(spent.epsilon)} of ${budget.epsilon} is spent, at delta ${spent.delta}.`;
  return html`<div class="u-budget" role="img" aria-label=${words}>
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${svg`<rect width="100" height="10" fill="var(--u-grid)"/><rect width=${100 * share} height="10" fill="var(--u-syn)"/>`}</svg>
    <span aria-hidden="true"><b>epsilon ${epsilon(spent.epsilon)}</b> of ${budget.epsilon} <span class="u-muted">delta ${spent.delta}</span></span></div>`;
}

/** The whole ledger, a line a charge. */
export const ledgerCsv = (lines: readonly LedgerLine[]): string => csv(['at', 'run', 'purpose', 'mechanism', 'count', 'sensitivity', 'noise', 'epsilon_alone'], lines.map((l) => [l.at, l.run, l.purpose, l.mechanism, l.count, l.sensitivity, l.noise, l.epsilon]));

/** Neighbouring lines of one run for one purpose with one mechanism are one line: training is charged in pieces. */
export function joined(lines: readonly LedgerLine[]): LedgerLine[] {
  const out: LedgerLine[] = [];
  for (const l of lines) {
    const last = out.at(-1);
    if (last && last.run === l.run && last.purpose === l.purpose && last.mechanism === l.mechanism && last.sensitivity === l.sensitivity && last.noise === l.noise) out[out.length - 1] = { ...last, count: last.count + l.count, epsilon: null };
    else out.push(l);
  }
  return out;
}

const proofs: Record<string, string> = {
  gaussian: 'the closed form of the Gaussian mechanism (Balle & Wang 2018)', pld: 'the privacy-loss distribution of all mechanisms together (Doroshenko et al. 2022)', rdp: 'R\u00e9nyi accounting (Mironov 2017)', sum: 'the sum of all epsilons',
filter: 'a Gaussian privacy filter, since what is done may depend on what came out before (Smith & Thakurta 2022)', odometer: 'an odometer, since the budget was changed after something had come out (Whitehouse et al. 2023)',
};

export function privacySection(p: PrivacyReport, host: Host): TemplateResult {
  const lines = joined(p.lines), runs = new Set(p.lines.map((l) => l.run)).size;
  return html`
    <p class="u-statement">${p.statement}</p>
    ${budgetBar(p)}
    <p class="u-lead">What is hidden is whether ${unitWords(p.unit)} ${p.unit === 'row' ? 'is' : 'are'} in the table: with or without, every outcome is about as likely, within a factor of e to the epsilon, but for a probability of delta. The total was got by ${proofs[p.spent.proof] ?? p.spent.proof}${runs > 1 ? `, over ${runs} runs` : ''}.</p>
    <div class="u-panels">
      <div class="u-panel u-panel-wide"><h3>Ledger</h3><p class="u-lead">Everything that was ever released from this table under a budget. Each line was charged before its noise was drawn.</p>
        <div class="u-scroll" tabindex="0" role="region" aria-label="Privacy ledger"><table><caption class="u-hidden">Releases from the table, with their noise and cost</caption>
          <thead><tr><th scope="col">What for</th><th scope="col">Mechanism</th><th scope="col" class="u-num">Times</th><th scope="col" class="u-num">Sensitivity</th><th scope="col" class="u-num">Noise</th><th scope="col" class="u-num">Epsilon alone</th>${runs > 1 ? html`<th scope="col" class="u-after-num">Run</th>` : nothing}</tr></thead>
          <tbody>${lines.map((l) => html`<tr><th scope="row">${l.purpose}</th><td>${l.mechanism}</td><td class="u-num">${count(l.count)}</td><td class="u-num">${+l.sensitivity.toPrecision(4)}</td><td class="u-num">${+l.noise.toPrecision(4)}</td><td class="u-num">${l.epsilon === null ? '\u2013' : epsilon(l.epsilon)}</td>${runs > 1 ? html`<td class="u-after-num" title=${moment(l.at)}>${l.run}</td>` : nothing}</tr>`)}</tbody></table></div>
        <p class="u-muted u-small">Costs do not add up: together mechanisms cost less than the sum of each alone.</p>
        <div class="u-saves"><button type="button" class="u-save" @click=${() => host.save('privacy-ledger.csv', ledgerCsv(p.lines), 'text/csv')} aria-label="Save the ledger as CSV">${downloadIcon}CSV</button></div></div>
      <div class="u-panel"><h3>Declared public, and so not protected</h3><ul class="u-notes">${p.declared.map((d) => html`<li>${d}</li>`)}</ul></div>
      <div class="u-panel"><h3>What this does not say</h3>
        <p>The guarantee holds for the synthetic table, for the model it was drawn from and for the publishable report, as far as the computation is as described: it is proven on paper and tested, not verified by machine.</p>
        <p>It bounds what anyone can learn from them about one unit. It does not hide what is true of a group, and whoever is in the table several times without being one unit is protected less. How long the run took, and reports that compare with the real table, are outside it.</p></div>
    </div>`;
}
