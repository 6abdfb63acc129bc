import { createHash } from 'node:crypto';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import { makeReport } from '../../webview/fixture';
import { dataElementId } from '../../webview/host';
import { compact, dataSafe, escapeHtml, renderHtml, scriptSafe } from './html';

const inside = (html: string) => new JSDOM(html).window.document;

describe('the HTML report', () => {
  it('carries the data whole, whatever the table holds', () => {
    const r = makeReport();
    const nasty = '</script><script>alert(1)</script><!-- \u2028 \u2029 "\\ & \u0000 \ud83d\ude00';
    r.columns[0].findings = [nasty]; r.title = nasty;
    const doc = inside(renderHtml(r, { js: 'window.ran = 1' }));
    expect(doc.querySelectorAll('script').length).toBe(2);
    const back = JSON.parse(doc.getElementById(dataElementId)!.textContent!);
    expect(back.columns[0].findings[0]).toBe(nasty);
    expect(back).toEqual(JSON.parse(JSON.stringify(compact(r))));
    expect(doc.title).toContain('</script><script>alert(1)</script>');
  });

  it('allows by policy exactly its own script and styles, and no network', () => {
    const js = 'const a = "</script>", b = "<!-- x", c = /<!--/u;\r\nglobalThis.seen = a + b + c.source;';
    const doc = inside(renderHtml(makeReport({ columns: 2 }), { js, css: 'b::after{content:"</style>"}' }));
    const policy = doc.querySelector('meta[http-equiv]')!.getAttribute('content')!;
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const script = doc.querySelector('body > script:not([type])')!.textContent!;
    expect(policy).toContain(`script-src ${hash(script)};`);
    for (const style of doc.querySelectorAll('style')) expect(policy).toContain(hash(style.textContent!));
    expect(policy).toMatch(/^default-src 'none';/); expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(doc.querySelector('[src], link[href]')).toBeNull();
  });

  it('escapes code without changing what it means', () => {
    const code = 'const a = "</script>" + `</SCRIPT x`, b = /<!--|<\\/script/u; return [a, b.test("<!--"), b.test("</script")];';
    const safe = scriptSafe(code);
    expect(safe).not.toMatch(/<!--|<\/script/i);
    expect(new Function(safe)()).toEqual(new Function(code)());
    expect(JSON.parse(dataSafe({ x: '</a>&\u2028' }))).toEqual({ x: '</a>&\u2028' });
    expect(dataSafe([Number.NaN, '<'])).toBe('[null,"\\u003c"]');
    expect(escapeHtml(`<a href='"&`)).toBe('&#60;a href=&#39;&#34;&#38;');
  });

  it('tells no folder of the machine it was made on, and keeps figures exact', () => {
    const r = makeReport();
    r.control = { path: 'C:\\people\\ada\\holdout.csv', rows: 3, how: 'given' };
    const html = renderHtml(r, { js: '' });
    expect([html.includes('/home/ada'), html.includes('C:')]).toEqual([false, false]);
    expect(compact(r).figures).toBe(r.figures);
    expect(r.source.path).toBe('/home/ada/data/customers.csv');
  });

  it('reads as plain text where scripts are refused', () => {
    const r = makeReport(), doc = inside(renderHtml(r, { js: '' })), plain = doc.querySelector('noscript')!;
    expect(doc.documentElement.lang).toBe('en');
    for (const v of r.verdicts) expect(plain.textContent).toContain(v.sentence);
    for (const f of r.figures) expect(plain.textContent).toContain(r.metrics[f.metric].name);
    // a figure that is poor of the model does not read as one of the rows
    const of = (estimand?: 'model-held') => { const one = r.figures[0]; return inside(renderHtml({ ...r, metrics: { ...r.metrics, [one.metric]: { ...r.metrics[one.metric], ...(estimand && { estimand }) } } }, { js: '' })).querySelector('noscript')!.textContent!; };
    expect([of().includes('of the model itself'), of('model-held').includes(`${r.metrics[r.figures[0].metric].name} (of the model itself, were it given away; does not count for the rows)`)]).toEqual([false, true]);
  });
});
