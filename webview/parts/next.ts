/** What to do next, said outright: why, a button where the editor can do it, and a line for a terminal. */
import { html, nothing, type TemplateResult } from 'lit';
import type { NextStep, ReportData } from '../../server/protocol';
import { pushButton } from '../controls';
import type { Host } from '../host';
import { terminalIcon } from '../icons';

/** Several steps may lead to the same command: its button stands beside the first, and only the first step's is the page's main one. */
const buttonOf = (r: ReportData, at: number): NextStep['command'] => { const { command } = r.next![at]; return r.next!.findIndex((s) => s.command?.id === command?.id) === at ? command : undefined; };

export const nextBlock = (r: ReportData, host: Host): TemplateResult | typeof nothing => (r.next?.length ? html`
  <section class="u-next" aria-labelledby="next-title"><h2 id="next-title" tabindex="-1">What to do next</h2>
    <ol>${r.next.map((step, i) => html`<li><div><h3>${step.title}</h3><p>${step.why}</p>
      ${step.terminal ? html`<p class="u-terminal"><span title="In a terminal">${terminalIcon}</span><span class="u-hidden">In a terminal: </span><code>${step.terminal}</code></p>` : nothing}</div>
      ${host.editor && buttonOf(r, i) ? pushButton(step.command!.title, () => host.post({ type: 'command', id: step.command!.id }), { secondary: i > 0 }) : nothing}</li>`)}</ol>
  </section>` : nothing);
