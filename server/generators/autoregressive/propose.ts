/** Which leaves of a column a domain leaves. */
import type { ColumnCodes } from '../../table/encoders/codes';
import { admits, type Domain } from '../../table/rules/domains';

/** 1 for every leaf that holds a value of the domain. A tail may reach beyond its outermost row (value protection draws it anew), so the outermost leaves count as open. */
export function leavesWithin(codes: ColumnCodes, domain: Domain): Uint8Array {
  const out = new Uint8Array(codes.leaves), last = (codes.numbers?.length ?? 0) - 1;
  for (let leaf = 0; leaf < codes.leaves; leaf++) {
    if (leaf === codes.missing) out[leaf] = domain.missing ? 1 : 0;
    else if (codes.storage === 'code') out[leaf] = admits(domain, codes.categories![codes.category![leaf]!]!) ? 1 : 0;
    else {
      const n = codes.numbers![leaf]!;
      const low = 'value' in n ? n.value : 'values' in n ? n.values[0]! : 'knots' in n ? n.knots[0]! : n.low, high = 'value' in n ? n.value : 'values' in n ? n.values.at(-1)! : 'knots' in n ? n.knots.at(-1)! : n.high;
      const from = leaf === 0 ? -Infinity : low, to = leaf === last ? Infinity : high, exact = 'value' in n && leaf > 0 && leaf < last;
      out[leaf] = exact ? (admits(domain, n.value) ? 1 : 0) : domain.intervals === undefined || domain.intervals.some(([a, b]) => a <= to && b >= from) ? 1 : 0;
    }
  }
  return out;
}
