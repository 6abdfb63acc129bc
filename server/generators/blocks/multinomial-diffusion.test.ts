import { describe, expect, test } from 'vitest';
import { constant, KeyStream, openDevice, spanOneHot, uniform, type Values, type Expr } from '../../engine';
import { logMix, logMixCertain, logOneMinus, logPosterior, noiseCodes, priorKl, spanCategorical, spanLogSoftmax, spansOf } from './multinomial-diffusion';
import { ddim, gaussianPosterior, noiseSchedule, strides } from './noise-schedule';
import golden from '../../../test/golden/diffusion/schedule.json';

const device = openDevice('cpu', { threads: 1 });
async function run<O extends string>(outputs: (i: Record<string, Expr>) => Record<O, Expr>, inputs: Record<string, { shape: number[]; values: Values }> = {}): Promise<Record<O, Values>> {
  const p = await (await device).compile({ inputs: Object.fromEntries(Object.entries(inputs).map(([n, x]) => [n, { shape: x.shape, dtype: x.values instanceof Float32Array ? 'float32' as const : 'int32' as const }])), outputs });
  try { return await p.run(Object.fromEntries(Object.entries(inputs).map(([n, x]) => [n, x.values]))); } finally { await p.release(); }
}

describe('noise schedules', () => {
  test('equal the published formulas, evaluated in Python', () => {
    for (const g of golden) {
      const s = noiseSchedule(g.name as 'linear', g.steps), all = strides(s, g.steps).reverse();
      for (const p of g.at) {
        const post = gaussianPosterior(all[p.t]);
        expect(s.beta[p.t]).toBeCloseTo(p.beta, 12);
        expect(s.alphaBar[p.t] / p.alphaBar).toBeCloseTo(1, 10);
        expect(post.x0).toBeCloseTo(p.coef1, 12);
        expect(post.xt).toBeCloseTo(p.coef2, 12);
        expect(post.variance).toBeCloseTo(p.variance, 12);
      }
    }
    // Ho et al. 2020, section 4: with the linear schedule almost nothing of the data is left.
    expect(noiseSchedule('linear', 1000).alphaBar[999]).toBeCloseTo(4.0358e-5, 8);
  });
  test('strides lead from the last time to the data; a stride of all times is the schedule', () => {
    const s = noiseSchedule('cosine', 200), few = strides(s, 7), all = strides(s, 1e9);
    expect([few[0].t, few.at(-1)!.to, few.length]).toEqual([199, -1, 7]);
    for (let i = 1; i < few.length; i++) expect(few[i].t).toBe(few[i - 1].to);
    expect(few.reduce((a, f) => a * f.alpha, 1)).toBeCloseTo(s.alphaBar[199], 12);
    all.forEach((f) => expect(f.alpha).toBeCloseTo(1 - s.beta[f.t], 10));
  });
  test('DDIM with eta 1 is the posterior, and any eta keeps the marginal', () => {
    for (const f of strides(noiseSchedule('linear', 1000), 30)) {
      const post = gaussianPosterior(f), one = ddim(f, 1);
      // x_t = sqrt(bar) x0 + sqrt(1 - bar) e: coefficients of x_t and x_0 after substituting e.
      const perXt = one.eps / Math.sqrt(1 - f.alphaBar);
      expect(perXt).toBeCloseTo(post.xt, 9);
      expect(one.x0 - perXt * Math.sqrt(f.alphaBar)).toBeCloseTo(post.x0, 9);
      expect(one.sigma ** 2).toBeCloseTo(post.variance, 12);
      for (const eta of [0, 0.4, 1]) { const d = ddim(f, eta); expect(d.eps ** 2 + d.sigma ** 2).toBeCloseTo(1 - f.alphaBarTo, 10); }
    }
  });
});

describe('multinomial diffusion', () => {
  const sizes = [3, 2, 5], C = 3, W = 10, spans = spansOf(sizes);
  const logs = (a: number): { logA: Expr; log1A: Expr } => ({ logA: constant([Math.log(a)], [1, 1]), log1A: constant([logOneMinus(a)], [1, 1]) });

  test('the posterior is what Bayes gives from the transition matrices', async () => {
    const alpha = 0.7, barTo = 0.4, x0 = [2, 0, 3], xt = [0, 0, 1];
    const { logP } = await run(() => {
      const one = (codes: number[]): Expr => spanOneHot(constant(Int32Array.from(codes), [1, C]), spans), a = logs(alpha), b = logs(barTo);
      return { logP: logPosterior(logMixCertain(one(x0), b.logA, b.log1A, sizes), one(xt), { logAlpha: a.logA, log1Alpha: a.log1A, logBarTo: b.logA, log1BarTo: b.log1A }, sizes) };
    });
    spans.forEach((s, c) => {
      const K = s.size, step = (i: number, j: number): number => alpha * Number(i === j) + (1 - alpha) / K;
      const joint = Array.from({ length: K }, (_, k) => step(k, xt[c]) * (barTo * Number(k === x0[c]) + (1 - barTo) / K)), total = joint.reduce((p, q) => p + q, 0);
      joint.forEach((v, k) => expect(logP[s.start + k], `column ${c}, category ${k}`).toBeCloseTo(Math.log(v / total), 5));
    });
  });

  test('mixing certain categories and mixing their logarithms agree; at full signal a prediction passes through', async () => {
    const r = await run(() => {
      const one = spanOneHot(constant(Int32Array.of(1, 1, 4), [1, C]), spans), a = logs(0.25), full = logs(1);
      const logP = spanLogSoftmax(constant([0.3, -1, 2, 0, 0.5, -3, 1, 1, 0, -20], [1, W]), sizes);
      return { certain: logMixCertain(one, a.logA, a.log1A, sizes), general: logMix(constant([-69, 0, -69, -69, 0, -69, -69, -69, -69, 0], [1, W]), a.logA, a.log1A, sizes), logP, same: logMix(logP, full.logA, full.log1A, sizes) };
    });
    for (let i = 0; i < W; i++) { expect(r.certain[i]).toBeCloseTo(r.general[i], 5); expect(r.same[i]).toBeCloseTo(r.logP[i], 5); }
  });

  test('noising and drawing have the right shares (chi-squared)', async () => {
    const B = 40_000, bar = 0.35, bits = (n: string): { shape: number[]; values: Values } => ({ shape: [B, C], values: new KeyStream(4, n).bits(0, B * C) });
    const logits = [0.3, -1, 2, 0, -40, 3, 1, 1, 0, -2];
    const r = await run((i) => ({
      noised: noiseCodes(constant(new Int32Array(B * C).map((_, k) => [2, 0, 3][k % 3]), [B, C]), constant([bar], [1, 1]), uniform(i.a), uniform(i.b), sizes),
      drawn: spanCategorical(spanLogSoftmax(constant(Float32Array.from({ length: B * W }, (_, k) => logits[k % W]), [B, W]), sizes), uniform(i.a), sizes),
    }), { a: bits('a'), b: bits('b') });
    spans.forEach((s, c) => {
      const e = logits.slice(s.start, s.start + s.size).map(Math.exp), total = e.reduce((p, q) => p + q, 0);
      for (const [codes, p] of [[r.noised, e.map((_, k) => bar * Number(k === [2, 0, 3][c]) + (1 - bar) / s.size)], [r.drawn, e.map((v) => v / total)]] as const) {
        const count = new Float64Array(s.size);
        for (let i = 0; i < B; i++) count[codes[i * C + c]]++;
        const chi = count.reduce((t, n, k) => t + (p[k] > 1e-9 ? (n - B * p[k]) ** 2 / (B * p[k]) : n), 0);
        expect(chi, `column ${c}`).toBeLessThan(s.size - 1 + 5 * Math.sqrt(2 * (s.size - 1)));
      }
    });
  });

  test('the prior term vanishes with the signal, and is log K when all is left', () => {
    expect(priorKl(1e-9, sizes)).toBeLessThan(1e-8);
    expect(priorKl(1, [4])).toBeCloseTo(Math.log(4), 10);
  });
});
