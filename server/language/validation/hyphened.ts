import { AstUtils, type AstNode, type ParseResult } from 'langium';
import type { Range } from 'vscode-languageserver-types';
import { knownMetrics, metricName, metricNamed } from '../catalogue';
import { nearest, snake } from '../names';

/** A name of the language and what hangs on to it by hyphens, as the terminal writes such names: found in the text, since to the grammar it is a subtraction. */
export function hyphened(node: AstNode, name: string): { text: string; range: Range } | undefined {
  const { textDocument } = AstUtils.getDocument(node), cst = node.$cstNode, all = textDocument.getText(), at = cst ? all.indexOf(name, cst.offset) : -1, more = at < 0 ? undefined : /^(?:-[A-Za-z0-9]+)+/.exec(all.slice(at + name.length, at + name.length + 100))?.[0];
  return more === undefined || more === '' ? undefined : { text: `${name}${more}`, range: { start: textDocument.positionAt(at), end: textDocument.positionAt(at + name.length + more.length) } };
}

/** A metric's id as the terminal has it (`privacy.membership-tpr-0.1`), up to where a hyphen stands, and from there on. */
const upToHyphen = /[A-Za-z0-9_]+\.[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*$/, fromHyphen = /^(?:-[A-Za-z0-9_]+(?:\.[0-9]+)?)+/;
/** What the parser stumbles over behind such an id: all that an expectation has up to its bound, or whatever else comes next. */
const behind = /^\s*(?:of\s+(?:`[^`\r\n]*`|\w+)\s*)?(?:[<>]=?|in\b|\S)?/;
/** An id is no longer than that. */
const longest = 100;

export interface HyphenedMetric { start: number; end: number; message: string; meant?: string }

/**
 * Metrics that are written as the terminal does: each is one mistake, though to the grammar it is a subtraction that does not fit, a metric that there is not, and half an expectation.
 * @returns these, and the parser's errors that are about something else
 */
export function hyphenedMetrics({ value, parserErrors }: ParseResult): { metrics: HyphenedMetric[]; others: ParseResult['parserErrors'] } {
  const text = value.$cstNode?.root.fullText ?? '', found: Array<HyphenedMetric & { upTo: number }> = [], at = (e: (typeof parserErrors)[number]): number => e.token.startOffset;
  for (const e of parserErrors) {
    const hyphen = at(e);
    if (text[hyphen] !== '-' || found.some((m) => hyphen >= m.start && hyphen < m.end)) continue;
    const before = upToHyphen.exec(text.slice(Math.max(0, hyphen - longest), hyphen))?.[0], after = fromHyphen.exec(text.slice(hyphen, hyphen + longest))?.[0];
    if (before === undefined || after === undefined) continue;
    const written = before + after, start = hyphen - before.length, end = hyphen + after.length, point = before.indexOf('.') + 1, name = before.slice(0, point) + snake(written.slice(point)), own = metricNamed(name);
    const meant = own ? metricName(own.id) : nearest(name, knownMetrics().map((m) => m.name));
    found.push({ start, end, upTo: end + behind.exec(text.slice(end, end + 10 * longest))![0].length, message: own ? `There is no metric ${written}: in this language it is ${meant}.` : `There is no metric ${written}.${meant === undefined ? '' : ` Is ${meant} meant?`}`, ...(meant !== undefined && { meant }) });
  }
  return { metrics: found, others: found.length === 0 ? parserErrors : parserErrors.filter((e) => !found.some((m) => at(e) >= m.start && at(e) < m.upTo)) };
}

/** Whether a metric is what was left of one with hyphens: told above. */
export function isHyphened(node: AstNode): boolean {
  const { $cstNode: cst } = node;
  if (!cst) return false;
  const text = cst.root.fullText;
  return text[cst.offset - 1] === '-' || fromHyphen.test(text.slice(cst.end, cst.end + longest));
}
