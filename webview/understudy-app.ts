/** What the page shows: a report, two of them side by side, or a run that goes on; whichever message came last. */
import { LitElement, html, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ToWebview } from '../server/protocol';
import type { Host } from './host';
import './understudy-comparison';
import './understudy-laboratory';
import './understudy-live';
import './understudy-report';

type Shown = Extract<ToWebview, { type: 'report' | 'comparison' | 'live' | 'laboratory' }>;

@customElement('understudy-app')
export class UnderstudyApp extends LitElement {
  @property({ attribute: false }) host!: Host;
  @state() private shown?: Shown;
  protected override createRenderRoot() { return this; }

  show(message: Shown): void {
    this.shown = message;
    const page = this.ownerDocument;
    page.title = message.type === 'report' ? message.report.title : message.type === 'comparison' ? `${message.names[0]} and ${message.names[1]}` : message.type === 'laboratory' ? message.result.title : 'A run in progress';
  }

  protected override render(): TemplateResult {
    const { shown, host } = this;
    if (shown?.type === 'comparison') return html`<understudy-comparison .reports=${shown.reports} .names=${shown.names} .host=${host}></understudy-comparison>`;
    if (shown?.type === 'live') return html`<understudy-live .run=${shown.run} .curve=${shown.curve} .host=${host}></understudy-live>`;
    if (shown?.type === 'laboratory') return html`<understudy-laboratory .result=${shown.result} .host=${host}></understudy-laboratory>`;
    return html`<understudy-report .report=${shown?.report} .host=${host}></understudy-report>`;
  }
}
declare global { interface HTMLElementTagNameMap { 'understudy-app': UnderstudyApp } }
