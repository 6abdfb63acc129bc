/** What to do next, said outright: why, a button where the editor can do it, and a line for a terminal. */
import { html, nothing, type TemplateResult } from 'lit';
import type { NextStep, ReportData } from '../../server/protocol';
import { pushButton } from '../controls';
import { baseName } from '../format';
import type { Host } from '../host';
import { terminalIcon } from '../icons';

/** Several steps may lead to the same command: its button stands beside the first, and only the first step's is the page's main one. */
const buttonOf = (r: ReportData, at: number): NextStep['command'] => { const { command } = r.next![at]; return r.next!.findIndex((s) => s.command?.id === command?.id) === at ? command : undefined; };

/** A line for a terminal as it is read: files by their names. What is copied is the whole line, which works from any folder. */
export function readable(line: string, r: Pick<ReportData, 'source' | 'synthetic' | 'control'>): string {
  const folders = [r.source.path, r.synthetic.path, r.control?.path ?? ''].map((p) => p.slice(0, p.length - baseName(p).length)).filter(Boolean);
  return [...new Set(folders)].sort((a, b) => b.length - a.length).reduce((text, folder) => text.split(folder.replace(/(["\\$`])/g, '\\$1')).join('').split(folder).join(''), line);
}

export function terminalLine(line: string, shown = line): TemplateResult {
  const copy = (e: ClipboardEvent) => { e.clipboardData?.setData('text/plain', line); e.preventDefault(); };
  return html`<p class="u-terminal"><span title="In a terminal">${terminalIcon}</span><span class="u-hidden">In a terminal: </span><code title=${shown === line ? nothing : line} @copy=${copy}>${shown.split(' ').map((word, i) => html`${i ? ' ' : ''}<span>${word}</span>`)}</code></p>`;
}

export const nextBlock = (r: ReportData, host: Host): TemplateResult | typeof nothing => (r.next?.length ? html`
  <section class="u-next" aria-labelledby="next-title"><h2 id="next-title" tabindex="-1">What to do next</h2>
    <ol>${r.next.map((step, i) => html`<li><div><h3>${step.title}</h3><p>${step.why}</p>
      ${step.terminal ? terminalLine(step.terminal, readable(step.terminal, r)) : nothing}</div>
      ${host.editor && buttonOf(r, i) ? pushButton(step.command!.title, () => host.post({ type: 'command', id: step.command!.id }), { secondary: i > 0 }) : nothing}</li>`)}</ol>
  </section>` : nothing);
