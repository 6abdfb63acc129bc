/** The widgets of every toolbar: VS Code's own look from @vscode-elements/elements, with a name for readers. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { html, nothing, type TemplateResult } from 'lit';

type Valued = HTMLElement & { value: string };

/** A choice of one. `words` is read out and stands before it. */
export const choice = <K extends string>(words: string, value: K, options: ReadonlyArray<readonly [K, string]>, choose: (value: K) => void): TemplateResult => html`
  <span class="u-field"><span aria-hidden="true">${words}</span><vscode-single-select label=${words} data-choice=${words.toLowerCase()} .value=${value} @change=${(e: Event) => choose((e.currentTarget as Valued).value as K)}>
    ${options.map(([k, text]) => html`<vscode-option value=${k} ?selected=${k === value}>${text}</vscode-option>`)}</vscode-single-select></span>`;

export const searchField = (words: string, value: string, type: (value: string) => void): TemplateResult => html`
  <vscode-textfield type="search" class="u-search" label=${words} placeholder=${words} .value=${value} @input=${(e: Event) => type((e.currentTarget as Valued).value)}></vscode-textfield>`;

export const checkBox = (words: string, checked: boolean, set: (on: boolean) => void): TemplateResult => html`
  <vscode-checkbox class="u-check" label=${words} ?checked=${checked} @change=${(e: Event) => set((e.currentTarget as HTMLElement & { checked: boolean }).checked)}></vscode-checkbox>`;

export const pushButton = (words: string, press: () => void, { secondary = false, title = '' } = {}): TemplateResult => html`
  <vscode-button class="u-push" ?secondary=${secondary} title=${title || nothing} @click=${press}>${words}</vscode-button>`;
