/** Rules on rows as they are drawn: which are kept. */
import { breaksOf, keysOf, type LearntRule } from '../../table/rules/rules';
import type { Table } from '../../table/table';

/**
 * Keeps rows that break no rule, in the order they come. What must be unique, or is determined by something the source has not, is remembered across calls;
 * `refused` counts what was left out, by rule. One keeper serves one written table.
 */
export class Keeper {
  readonly refused: Record<string, number> = {};
  seen = 0;
  private readonly rules: readonly LearntRule[];
  private readonly unique = new Map<string, Set<string>>();
  private readonly decided = new Map<string, Map<string, string>>();
  /** Rules on columns that are not drawn (identifiers, personal data) are not for it. */
  constructor(rules: readonly LearntRule[], drawn: readonly string[]) { this.rules = rules.filter((r) => r.columns.every((c) => drawn.includes(c))); }

  keep(table: Table, ahead: (row: number) => boolean): Uint8Array {
    const ok = Uint8Array.from({ length: table.rows }, (_, i) => (ahead(i) ? 1 : 0));
    const refuse = (rule: string, i: number): void => { ok[i] = 0; this.refused[rule] = (this.refused[rule] ?? 0) + 1; };
    this.seen += ok.reduce((a, b) => a + b, 0);
    for (const r of this.rules) if (r.rule.type !== 'unique' && r.rule.type !== 'determines') breaksOf(r, table).forEach((b, i) => { if (b && ok[i]) refuse(r.rule.name, i); });
    // Those that remember come last: they must remember only rows that go out.
    const remembering = this.rules.filter((r) => r.rule.type === 'unique' || r.rule.type === 'determines').map((r) => this.memory(r, table));
    if (remembering.length === 0) return ok;
    for (let i = 0; i < table.rows; i++) {
      if (!ok[i]) continue;
      const bad = remembering.find((m) => m.breaks(i));
      if (bad) refuse(bad.name, i);
      else for (const m of remembering) m.remember(i);
    }
    return ok;
  }

  private memory({ rule, mapping }: LearntRule, table: Table): { name: string; breaks(i: number): boolean; remember(i: number): void } {
    const of = (names: readonly string[]) => { const columns = names.map((n) => table.column(n)), key = keysOf(columns); return { key, missing: (i: number) => columns.some((c) => c.isMissing(i)) }; };
    if (rule.type === 'unique') {
      const seen = this.unique.get(rule.name) ?? new Set<string>(), { key, missing } = of(rule.columns);
      this.unique.set(rule.name, seen);
      return { name: rule.name, breaks: (i) => !missing(i) && seen.has(key(i)), remember: (i) => { if (!missing(i)) seen.add(key(i)); } };
    }
    if (rule.type !== 'determines') throw new Error(`rule ${rule.name} remembers nothing`);
    const decided = this.decided.get(rule.name) ?? new Map(mapping), left = of(rule.from), right = of(rule.to), missing = (i: number): boolean => left.missing(i) || right.missing(i);
    this.decided.set(rule.name, decided);
    return { name: rule.name, breaks: (i) => !missing(i) && (decided.get(left.key(i)) ?? right.key(i)) !== right.key(i), remember: (i) => { if (!missing(i) && !decided.has(left.key(i))) decided.set(left.key(i), right.key(i)); } };
  }
}
