import type { ColumnProfile, InlineReport } from '../protocol';
import { scoreSentence, type JudgedColumn } from './hints';
import { draw, image, pictureOf, type Theme } from './picture';
import { clip, count, decimal, icons, percent, plain } from './words';

const name = (text: string) => plain(clip(text, 80)) || '\\(no name\\)';
const command = (id: string, words: string, argument: unknown) => `[${words}](command:understudy.${id}?${encodeURIComponent(JSON.stringify([argument]))})`;

/** A column of a stand-in: its distribution beside the real one, its score, what falls short. `cell`: the value under the mouse, unless it is the header's. */
export function syntheticHover(c: JudgedColumn, report: InlineReport, folder: string, theme: Theme, cell?: string, stale = false): string {
  const verdict = c.verdict && c.verdict !== 'good' ? ` · ${icons[c.verdict]} ${plain(c.verdict)}` : '';
  const parts = [`**${name(c.name)}** · ${plain(c.kind)} · ${plain(clip(c.modelledAs, 90))}${verdict}`];
  if (stale) parts.push('$(warning) *The file was edited since: this is of the table as it was judged.*');
  // Over a header's hover the editor puts the column's problem, which names it; of what follows it shows so little that the picture must come first, and be low.
  const below = cell === undefined && !stale && (c.verdict === 'fair' || c.verdict === 'poor');
  const svg = draw({ picture: c.picture, theme, low: below, ...(cell !== undefined && { at: cell }) });
  if (svg) parts.splice(below ? 0 : parts.length, 0, image(svg, 'The distribution of the column, real and synthetic'));
  const weakest = c.weakest && c.weakest.score < 0.95 ? [`Weakest together with ${name(c.weakest.column)}: pair score ${decimal(c.weakest.score)}.`] : [];
  const said = [...c.findings.map(plain), ...weakest];
  parts.push(`${plain(scoreSentence(c))}${said.length ? `\n\n${said.map((f) => `- ${f}`).join('\n')}` : ''}`);
  parts.push(`${command('openReport', '$(graph) Open the report', folder)} · against ${count(report.rows.real)} real rows`);
  return parts.join('\n\n');
}

/** A column of a real table: what it is taken for, its distribution, what to look at. */
export function realHover(c: ColumnProfile, theme: Theme, cell?: string, standIn?: { score: number; folder: string }): string {
  const parts = [`**${name(c.name)}** · ${plain(c.personal ?? c.kind)} · ${plain(clip(c.modelledAs, 90))}`];
  const svg = draw({ picture: pictureOf(c), theme, single: true, ...(cell !== undefined && { at: cell }) });
  if (svg) parts.push(image(svg, 'The distribution of the column'));
  const facts = [
    `${count(c.distinct)} distinct in ${count(c.rows)} rows`,
    ...(c.min !== undefined && c.max !== undefined ? [`${plain(clip(c.min, 30))} to ${plain(clip(c.max, 30))}`] : []),
    ...(c.mean !== undefined && c.sd !== undefined && c.kind !== 'date' && c.kind !== 'datetime' && c.kind !== 'time' ? [`mean ${plain(short(c.mean))}, standard deviation ${plain(short(c.sd))}`] : []),
    ...(c.missing ? [`${percent(c.missing / (c.rows || 1))} missing`] : []),
  ];
  parts.push(facts.join(' · '));
  if (c.warnings.length) parts.push(c.warnings.map((w) => `${w.severity === 'information' ? '$(info)' : '$(warning)'} ${plain(w.message)}${w.suggestion ? ` ${plain(w.suggestion)}` : ''}`).join('\n\n'));
  if (standIn) parts.push(`${command('openReport', '$(graph) In its last stand-in', standIn.folder)}: ${decimal(standIn.score)}`);
  return parts.join('\n\n');
}

const short = (x: number) => (Math.abs(x) >= 1e9 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(2) : String(Number(x.toPrecision(4))));
