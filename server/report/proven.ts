import type { PrivacyReport, ReportData } from '../protocol';
import { nextSteps } from './next';

/** The report of a release under a privacy budget, for those who may see the real table: what was proven stands beside what was measured, and decides what to do next. */
export function provenReport(report: ReportData, proof: PrivacyReport): ReportData {
  const { epsilon, delta } = proof.budget;
  const verdicts = report.verdicts.map((v) => (v.family === 'privacy' && v.verdict === 'not-assessable'
    ? { ...v, sentence: `Privacy: not assessable by attacks, for which real rows would have had to be kept back. Proven instead: (${epsilon}, ${delta})-differential privacy for ${proof.unit === 'row' ? 'every row' : `all rows of one "${proof.unit.entity}"`}, whatever an attacker knows.`, reasons: ['The guarantee is about the released table, not about these figures. See the section on differential privacy below.'] } : v));
  const proven: ReportData = { ...report, verdicts, privacyProof: proof, audience: 'internal' };
  return { ...proven, next: nextSteps(proven) };
}
