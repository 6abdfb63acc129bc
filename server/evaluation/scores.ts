/**
 * Scores of predictions with every test row's first-order influence on them, so that the interval of a *difference* between two models
 * judged on the same rows counts how alike they are. The variance of a score is the sum of squared influences.
 */
export interface Scored { score: number; influence: Float64Array }

/**
 * AUC of each class against the rest, averaged over classes that are present but not the only one (Hand & Till's one-versus-rest, as scikit-learn's
 * `roc_auc_score(average="macro", multi_class="ovr")`). For two classes the AUC of the second. Influences are DeLong's structural components
 * (DeLong, DeLong & Clarke-Pearson 1988).
 * @param y class codes
 * @param scores row-major [rows * classes], or [rows] for two classes
 */
export function macroAuc(y: Float64Array, scores: Float64Array, classes: number): Scored {
  const n = y.length, influence = new Float64Array(n), judged = classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
  let sum = 0, used = 0;
  const column = new Float64Array(n);
  for (const k of judged) {
    for (let i = 0; i < n; i++) column[i] = classes === 2 ? scores[i] : scores[i * classes + k];
    addAuc(y, column, k, influence, a => { sum += a; used++; });
  }
  for (let i = 0; i < n; i++) influence[i] /= used;
  return { score: used ? sum / used : Number.NaN, influence };
}

function addAuc(y: Float64Array, score: Float64Array, positive: number, influence: Float64Array, done: (auc: number) => void): void {
  const n = y.length, order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => score[a] - score[b]);
  let p = 0;
  for (let i = 0; i < n; i++) if (y[i] === positive) p++;
  const q = n - p;
  if (p === 0 || q === 0) return;
  const component = new Float64Array(n);
  let below1 = 0, below0 = 0, sum = 0;
  for (let i = 0; i < n;) {
    let j = i, a = 0, b = 0;
    for (; j < n && score[order[j]] === score[order[i]]; j++) if (y[order[j]] === positive) a++; else b++;
    for (let k = i; k < j; k++) component[order[k]] = y[order[k]] === positive ? (below0 + b / 2) / q : 1 - (below1 + a / 2) / p;
    sum += a * (below0 + b / 2);
    below1 += a; below0 += b; i = j;
  }
  const auc = sum / p / q;
  for (let i = 0; i < n; i++) influence[i] += (component[i] - auc) / (y[i] === positive ? p : q);
  done(auc);
}

/** Share of variance explained, 1 - SSE / SST over the test rows. */
export function explained(y: Float64Array, predicted: Float64Array): Scored {
  const n = y.length;
  let mean = 0, error = 0, total = 0;
  for (let i = 0; i < n; i++) mean += y[i] / n;
  for (let i = 0; i < n; i++) { error += (y[i] - predicted[i]) ** 2; total += (y[i] - mean) ** 2; }
  const ratio = error / total;
  return { score: 1 - ratio, influence: Float64Array.from({ length: n }, (_, i) => (ratio * (y[i] - mean) ** 2 - (y[i] - predicted[i]) ** 2) / total) };
}

/** first - second with its standard error, both judged on the same rows. */
export function difference(first: Scored, second: Scored): { difference: number; standardError: number } {
  let s = 0;
  for (let i = 0; i < first.influence.length; i++) s += (first.influence[i] - second.influence[i]) ** 2;
  return { difference: first.score - second.score, standardError: Math.sqrt(s) };
}

export const standardError = (s: Scored): number => Math.sqrt(s.influence.reduce((t, x) => t + x * x, 0));
