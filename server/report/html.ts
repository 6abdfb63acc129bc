/** The report as one file: data, code and style inside, nothing fetched, opened from anywhere. */
import { createHash } from 'node:crypto';
import type { ColumnPicture, Figure, ReportData } from '../protocol';
import { nextSteps } from './next';
import { decimal, figureName, percent } from './words';

/** What the browser runs: the bundle of webview/report.ts, and its style sheet if it has one beside it. */
export interface ReportBundle { js: string; css?: string }

/** Must equal `dataElementId` in webview/host.ts, which a test checks: this row may not import that one. */
const dataElementId = 'understudy-data';

/** Enough for a page before, or without, its script: ground, type, and a readable table of figures. */
const baseStyle = 'html{color-scheme:light dark}body{margin:0;font:14px/1.5 system-ui,sans-serif}.plain{max-width:60rem;margin:2rem auto;padding:0 1rem}.plain table{border-collapse:collapse}.plain td,.plain th{text-align:left;padding:.2rem 1rem .2rem 0}';

/**
 * One self-contained HTML file. Its policy allows exactly its own script and styles, by their SHA-256, and no network at all.
 * Where scripts are refused (mail viewers, strict browsers) the verdicts and figures stand there as plain text.
 */
export const renderHtml = (report: ReportData, bundle: ReportBundle): string => htmlPage(report.title, compact(report), plainText(report), bundle);

/** A page of our own around data that the bundle draws. @param plain HTML that stands there without scripts */
export function htmlPage(title: string, data: unknown, plain: string, bundle: ReportBundle): string {
  const js = scriptSafe(bundle.js), styles = [baseStyle, ...(bundle.css ? [styleSafe(bundle.css)] : [])];
  const policy = [
    "default-src 'none'", `script-src ${sha256(js)}`, `style-src ${styles.map(sha256).join(' ')}`,
    'img-src data: blob:', "base-uri 'none'", "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Understudy">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
${styles.map((s) => `<style>${s}</style>`).join('\n')}
</head>
<body>
<noscript>${plain}</noscript>
<script type="application/json" id="${dataElementId}">${dataSafe(data)}</script>
<script>${js}</script>
</body>
</html>
`;
}

const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** JSON that can end no element and no line: `<`, `>`, `&`, U+2028 and U+2029 as escapes. NaN and infinities become null, as JSON has it. */
export const dataSafe = (value: unknown) => JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Code that cannot end its element. `<!--` and `</script` occur in bundles only inside strings, templates and regular
 * expressions, where `\x3c` means the same. Line ends as the parser will read them, or the hash would not match.
 */
export const scriptSafe = (js: string) => js.replace(/\r\n?/g, '\n').replace(/<(?=!--|\/script)/gi, '\\x3c');
const styleSafe = (css: string) => css.replace(/\r\n?/g, '\n').replace(/<(?=\/style)/gi, '\\3c ');

/**
 * The same report for a file that travels: shares and matrix cells to the digits a picture can show (figures and scores stay exact), and
 * names of files without their folders, which are nobody else's business.
 */
export function compact(r: ReportData): ReportData {
  const to = (digits: number) => (x: number) => (Number.isFinite(x) ? +x.toPrecision(digits) : x);
  const cells = (xs: Array<number | null>) => xs.map((x) => (x === null || Number.isNaN(x) ? null : Math.round(x * 1e4) / 1e4));
  const shares = (xs: number[]) => xs.map(to(5));
  const picture = (p: ColumnPicture): ColumnPicture => (p.type === 'none' ? p : { ...p, real: shares(p.real), synthetic: shares(p.synthetic), ...(p.holdout && { holdout: shares(p.holdout) }) });
  const name = (path: string) => path.split(/[\\/]/).pop() || path;
  const travelling = {
    ...r,
    source: { ...r.source, path: name(r.source.path) }, synthetic: { ...r.synthetic, path: name(r.synthetic.path) },
    ...(r.control && { control: { ...r.control, ...(r.control.path && { path: name(r.control.path) }) } }),
    columns: r.columns.map((c) => ({ ...c, picture: picture(c.picture) })),
    ...(r.pairs && { pairs: { ...r.pairs, real: cells(r.pairs.real), synthetic: cells(r.pairs.synthetic), score: cells(r.pairs.score), ...(r.pairs.referenceScore && { referenceScore: cells(r.pairs.referenceScore) }) } }),
  };
  // The lines for a terminal name the files too.
  return r.next ? { ...travelling, next: nextSteps(travelling) } : travelling;
}

/** Verdicts and figures without pictures. */
function plainText(r: ReportData): string {
  const e = escapeHtml;
  // as the sentences above them write scores and shares
  const say = ({ metric }: Figure, x: number) => (r.metrics[metric]?.unit === 'share' ? percent(x) : r.metrics[metric]?.unit === 'score' ? decimal(x) : String(+x.toPrecision(4)));
  const value = (f: Figure) => (f.value === null ? e(f.note ?? 'not assessable') : `${say(f, f.value)}${f.interval ? ` (${say(f, f.interval.low)} to ${say(f, f.interval.high)})` : ''}`);
  const proven = r.privacyProof ? `${r.audience === 'internal' ? '<p><b>Not to be published.</b></p>' : ''}<p>${e(r.privacyProof.statement)}</p>\n` : '';
  return `<main class="plain"><h1>${e(r.title)}</h1><p>The pictures need JavaScript; the figures do not.</p>
${proven}${r.verdicts.map((v) => `<h2>${e(v.family)}: ${e(v.verdict)}</h2><p>${e(v.sentence)}</p>`).join('\n')}
<table><thead><tr><th scope="col">Figure</th><th scope="col">Value (95% interval)</th><th scope="col">Reference</th><th scope="col">Verdict</th></tr></thead><tbody>
${r.figures.map((f) => `<tr><th scope="row">${e(figureName(r, f))}</th><td>${value(f)}</td><td>${f.reference ? `${say(f, f.reference.value)} ${e(f.reference.label)}` : ''}</td><td>${e(f.verdict)}</td></tr>`).join('\n')}
</tbody></table></main>`;
}
