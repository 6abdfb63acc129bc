/** Small marks drawn as SVG. A verdict's mark differs in shape as well as in colour, and its word always stands beside it. */
import { html, svg, type TemplateResult } from 'lit';
import type { Verdict } from '../server/protocol';
import { verdictWords } from './format';

const shapes: Record<Verdict, TemplateResult> = {
  good: svg`<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.6 8.3l2.3 2.3 4.5-4.9" fill="none" stroke="var(--u-on-mark)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
  fair: svg`<rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2.4" transform="rotate(45 8 8) scale(.86) translate(1.3 1.3)" fill="currentColor"/><path d="M5 8.2c1-1.3 2-1.3 3 0s2 1.3 3 0" fill="none" stroke="var(--u-on-mark)" stroke-width="1.7" stroke-linecap="round"/>`,
  poor: svg`<path d="M8 .9l7.4 13.3H.6z" fill="currentColor" stroke="currentColor" stroke-width="1" stroke-linejoin="round"/><path d="M8 5.4v4.2M8 11.6v.6" fill="none" stroke="var(--u-on-mark)" stroke-width="1.9" stroke-linecap="round"/>`,
  undecided: svg`<circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2.6 1.8"/><path d="M6.2 6.3c.1-2.5 3.8-2.3 3.7 0-.1 1.3-1.8 1.4-1.8 2.9M8.1 11.3v.4" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>`,
  'not-assessable': svg`<circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M4.8 8h6.4" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>`,
};

export const verdictIcon = (v: Verdict) => html`<svg class="u-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${shapes[v]}</svg>`;
export const verdictMark = (v: Verdict) => html`<span class="u-mark u-${v}">${verdictIcon(v)}<span>${verdictWords[v]}</span></span>`;

export const warningIcon = html`<svg class="u-icon" viewBox="0 0 16 16" width="13" height="13" aria-hidden="true" focusable="false"><path d="M8 1.6l6.8 12.2H1.2z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/><path d="M8 6v3.6M8 11.4v.5" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg>`;
export const downloadIcon = html`<svg class="u-icon" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" focusable="false"><path d="M8 2v8M4.6 7L8 10.4 11.4 7M2.5 13.5h11" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** The three series, as in every picture. */
export const legend = (holdout: string | null, synthetic = 'synthetic', real: string | null = 'real') => html`<ul class="u-legend" aria-label="Legend">
  ${real === null ? '' : html`<li><svg width="22" height="12" aria-hidden="true"><rect x="1" y="1" width="20" height="10" fill="var(--u-real)"/></svg>${real}</li>`}
  <li><svg width="22" height="12" aria-hidden="true"><rect x="1.5" y="2.5" width="19" height="7" fill="var(--u-syn-fill)" stroke="var(--u-syn)" stroke-width="1.75"/></svg>${synthetic}</li>
  ${holdout === null ? '' : html`<li><svg width="22" height="12" aria-hidden="true"><path d="M1 6h20" stroke="var(--u-hold)" stroke-width="2" stroke-dasharray="4 2.5"/></svg>${holdout}</li>`}
</ul>`;

export const pinIcon = (on: boolean) => html`<svg class="u-icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false"><path d="M5.5 1.5h5M6.2 1.5l-.4 5-2.1 2.3v1h8.6v-1l-2.1-2.3-.4-5M8 9.8v4.7" fill=${on ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="1.3" stroke-linejoin="round" stroke-linecap="round"/></svg>`;
export const closeIcon = html`<svg class="u-icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false"><path d="M3.5 3.5l9 9M12.5 3.5l-9 9" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/></svg>`;
export const terminalIcon = html`<svg class="u-icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false"><path d="M2.5 4l4 4-4 4M8 12.5h5.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
