/** The columns as a grid of small pictures, worst first, with search, sorting and a filter by kind. */
import { LitElement, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ReportData } from '../../server/protocol';
import { columnScoresCsv } from '../csv';
import type { Host } from '../host';
import { downloadIcon, legend } from '../icons';
import { chooseColumns, groupOf, type ColumnSort, type KindGroup } from '../order';
import { columnCard } from './column-card';

const sorts: Array<[ColumnSort, string]> = [['worst', 'Worst first'], ['name', 'Name'], ['file', 'File order']];
const groups: Array<[KindGroup, string]> = [['all', 'All kinds'], ['numeric', 'Numeric'], ['categorical', 'Categorical'], ['temporal', 'Dates and times'], ['other', 'Not modelled']];

@customElement('u-columns')
export class UColumns extends LitElement {
  @property({ attribute: false }) report!: ReportData;
  @property({ attribute: false }) host!: Host;
  @state() private sort: ColumnSort = 'worst';
  @state() private group: KindGroup = 'all';
  @state() private search = '';
  protected override createRenderRoot() { return this; }

  override connectedCallback() {
    super.connectedCallback();
    const kept = this.host?.state() ?? {};
    if (sorts.some(([k]) => k === kept.sort)) this.sort = kept.sort as ColumnSort;
    if (groups.some(([k]) => k === kept.group)) this.group = kept.group as KindGroup;
    if (typeof kept.search === 'string') this.search = kept.search;
  }
  private choose(patch: { sort?: ColumnSort; group?: KindGroup; search?: string }) { Object.assign(this, patch); this.host.keep(patch); }

  protected override render() {
    const { columns, control, pairs } = this.report;
    const kept = chooseColumns(columns, { sort: this.sort, group: this.group, search: this.search }, pairs?.columns);
    const present = new Set<KindGroup>(columns.map((c) => groupOf(c.kind)));
    const anyHoldout = !!control || columns.some((c) => c.picture.type !== 'none' && c.picture.holdout);
    return html`
      <div class="u-tools">
        <label class="u-field"><span class="u-hidden">Search columns</span><input type="search" placeholder="Search columns" .value=${this.search} @input=${(e: Event) => this.choose({ search: (e.target as HTMLInputElement).value })}></label>
        <label class="u-field"><span>Sort</span><select .value=${this.sort} @change=${(e: Event) => this.choose({ sort: (e.target as HTMLSelectElement).value as ColumnSort })}>${sorts.map(([k, t]) => html`<option value=${k} ?selected=${k === this.sort}>${t}</option>`)}</select></label>
        <label class="u-field"><span>Show</span><select .value=${this.group} @change=${(e: Event) => this.choose({ group: (e.target as HTMLSelectElement).value as KindGroup })}>${groups.filter(([k]) => k === 'all' || present.has(k)).map(([k, t]) => html`<option value=${k} ?selected=${k === this.group}>${t}</option>`)}</select></label>
        <span class="u-muted u-count" role="status">${kept.length === columns.length ? `${columns.length} column${columns.length === 1 ? '' : 's'}` : `${kept.length} of ${columns.length} columns`}</span>
        ${legend(anyHoldout ? 'holdout' : null)}
        <button type="button" class="u-save u-solid" @click=${() => this.host.save('columns.csv', columnScoresCsv(columns), 'text/csv')} aria-label="Save all column scores as CSV">${downloadIcon}Scores CSV</button>
      </div>
      ${kept.length ? html`<ul class="u-grid">${repeat(kept, (c) => c.name, (c) => columnCard(c, this.host))}</ul>` : html`<p class="u-none">No column matches.</p>`}`;
  }
}
declare global { interface HTMLElementTagNameMap { 'u-columns': UColumns } }
