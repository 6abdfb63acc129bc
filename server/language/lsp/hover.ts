import { AstUtils, type LangiumDocument } from 'langium';
import type { HoverProvider } from 'langium/lsp';
import type { Hover, HoverParams } from 'vscode-languageserver';
import { ago, plain } from '../../insight/words';
import { realHover } from '../../insight/hover';
import type { Theme } from '../../insight/picture';
import type { Checks } from '../check';
import { generatorNamed, metricNamed } from '../catalogue';
import { columnOf } from '../columns';
import { metricOf } from '../expectations';
import * as ast from '../generated/ast';
import { pathIn, sourcePath } from '../model';
import type { SynthServices } from '../module';
import { snake } from '../names';
import { number } from '../words';
import { columnAt, nodeAt } from './find';

const direction = { higher: 'More is better.', lower: 'Less is better.', target: 'The nearer the better.' } as const;

/** Under the mouse: a column's distribution, what a generator is, what a metric means and last said, what a file holds. */
export class SynthHover implements HoverProvider {
  /** Pictures are drawn for the editor's theme, which it tells (language.ts). */
  theme: Theme = 'dark';
  constructor(private readonly services: SynthServices, private readonly checks: () => Checks | undefined) {}

  async getHoverContent(document: LangiumDocument, params: HoverParams): Promise<Hover | undefined> {
    const column = columnAt(document, params.position);
    if (column) return show(this.column(column.source, column.name), column.node.$cstNode?.range);
    const at = nodeAt(document, params.position), node = at?.node;
    if (!node || !at) return undefined;
    const metric = AstUtils.getContainerOfType(node, ast.isMetric);
    if (metric) return show(await this.metric(document, metric), metric.$cstNode?.range);
    if (ast.isGeneratorClause(node)) return show(this.generator(node.generator), node.$cstNode?.range);
    if (ast.isParameter(node)) return show(this.setting(node), node.$cstNode?.range);
    if (at.leaf.text.startsWith('"') && 'path' in node && typeof node.path === 'string' && !ast.isUse(node)) return show(this.table(pathIn(node, node.path)));
    const reference = ast.isTarget(node) && at.leaf.text === node.source?.$refText ? node.source.ref : undefined;
    if (reference) return show(this.table(sourcePath(reference) ?? ''));
    return undefined;
  }

  private column(source: ast.Source, name: string): string {
    const { declared, profile, kind } = columnOf(source, name, this.services.data.Tables);
    if (!profile) return `**${plain(name)}** · ${kind ?? 'column'}\n\nNothing is known of it yet.`;
    // Icons belong to hovers that our own client makes.
    const known = realHover(profile, this.theme).replace(/\$\([a-z-]+\) /g, '');
    return declared && kind !== profile.kind ? `${known}\n\nDeclared ${kind}; the file looks like ${profile.kind}.` : known;
  }

  private async metric(document: LangiumDocument, metric: ast.Metric): Promise<string> {
    const expectation = metric.$container, name = metricOf(expectation), info = metricNamed(name);
    if (!info) return `There is no metric ${plain(name)}.`;
    const parts = [`**${info.name}** · \`${name}\``, `${plain(info.definition)} ${direction[info.better]}${info.suite ? ` Computed with: suite ${info.suite}.` : ''}`, `*${plain(info.paper)}*`];
    const targets = (await this.checks()?.of(document)) ?? [], said = targets.flatMap((t) => t.expectations.map((e) => ({ t, e }))).find(({ e }) => e.range.start.line === expectation.$cstNode?.range.start.line && e.range.start.character === expectation.$cstNode.range.start.character);
    if (said?.e.value !== undefined) parts.push(`Last value: **${number(said.e.value)}**${said.e.low !== undefined && said.e.high !== undefined ? ` (${number(said.e.low)} to ${number(said.e.high)})` : ''}${said.e.reference !== undefined ? `, real rows ${number(said.e.reference)}` : ''}; ${said.t.run ? ago(said.t.run.finished, Date.now()) : ''}${said.t.stale ? `, stale: ${said.t.stale}` : ''}. Attempt ${said.t.attempts}.`);
    return parts.join('\n\n');
  }

  private generator(name: string): string {
    const known = generatorNamed(name);
    if (!known) return `There is no generator ${plain(name)}.`;
    const settings = this.services.data.Settings.peek(known.id);
    return [`**${known.title}** · \`${known.name}\``, plain(known.summary), ...(known.paper ? [`*${plain(known.paper)}*`] : []), ...(settings?.length ? [`Settings: ${settings.map((s) => `\`${s.name}\``).join(', ')}.`] : [])].join('\n\n');
  }

  private setting(parameter: ast.Parameter): string {
    const known = generatorNamed(parameter.$container.generator), setting = known && this.services.data.Settings.peek(known.id)?.find((s) => s.name === snake(parameter.key));
    return setting ? `**${setting.name}**: ${setting.values}; default ${setting.default}\n\n${plain(setting.what)}` : '';
  }

  private table(path: string): string {
    const known = this.services.data.Tables.peek(path);
    if (known?.problem !== undefined) return plain(known.problem);
    const profile = known?.profile;
    return profile ? `${profile.rows.toLocaleString('en')} rows, ${profile.columns.length} columns, ${profile.format}${profile.outcome ? `; the outcome seems to be ${plain(profile.outcome.column)}` : ''}` : 'Nothing is known of it yet.';
  }
}
const show = (value: string, range?: { start: { line: number; character: number }; end: { line: number; character: number } }): Hover | undefined => (value === '' ? undefined : { contents: { kind: 'markdown', value }, ...(range && { range }) });
