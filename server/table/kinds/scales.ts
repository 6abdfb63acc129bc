/**
 * Ordered scales that are the same everywhere. A category column is ordinal when its values (three or more of them) all
 * belong to one scale, or are all ranges of numbers that follow one another. Deliberately few: a wrong order is worse than none.
 */
const scales: readonly string[][] = [
  ['none', 'very low', 'low', 'medium low', 'medium', 'medium high', 'high', 'very high', 'extreme'],
  ['none', 'minimal', 'low', 'moderate', 'medium', 'high', 'critical'],
  ['none', 'minor', 'mild', 'moderate', 'major', 'severe', 'very severe', 'critical', 'extreme'],
  ['xxs', 'xs', 's', 'm', 'l', 'xl', 'xxl', 'xxxl', '2xl', '3xl', '4xl'],
  ['tiny', 'very small', 'small', 'medium', 'large', 'very large', 'extra large', 'huge'],
  ['strongly disagree', 'disagree', 'somewhat disagree', 'neither agree nor disagree', 'neutral', 'undecided', 'somewhat agree', 'agree', 'strongly agree'],
  ['very dissatisfied', 'dissatisfied', 'neutral', 'satisfied', 'very satisfied'],
  ['very unlikely', 'unlikely', 'neutral', 'likely', 'very likely'],
  ['never', 'rarely', 'seldom', 'occasionally', 'sometimes', 'often', 'usually', 'frequently', 'always'],
  ['very poor', 'very bad', 'poor', 'bad', 'fair', 'average', 'ok', 'good', 'very good', 'excellent', 'outstanding'],
  ['worst', 'worse', 'same', 'better', 'best'],
  ['unacceptable', 'poor', 'acceptable', 'fair', 'good', 'very good', 'premium', 'ideal'],
  ['fair', 'good', 'very good', 'premium', 'ideal'],
  ['bronze', 'silver', 'gold', 'platinum', 'diamond'],
  ['basic', 'standard', 'premium'], ['cold', 'cool', 'mild', 'warm', 'hot'], ['slow', 'medium', 'fast'], ['young', 'middle aged', 'old'], ['child', 'teenager', 'adult', 'senior'],
  ['beginner', 'novice', 'intermediate', 'advanced', 'expert'], ['trainee', 'intern', 'junior', 'mid', 'senior', 'lead', 'principal'],
  ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'], ['1st', '2nd', '3rd', '4th', '5th', '6th', '7th', '8th', '9th', '10th'],
  ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'],
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  ['q1', 'q2', 'q3', 'q4'], ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x'],
  // Schooling in the United States as its census codes it (UCI Adult among others).
  ['preschool', '1st 4th', '5th 6th', '7th 8th', '9th', '10th', '11th', '12th', 'hs grad', 'some college', 'assoc voc', 'assoc acdm', 'bachelors', 'masters', 'prof school', 'doctorate'],
  ['no education', 'primary', 'secondary', 'tertiary'],
  ['some high school', 'high school', 'some college', "associate's degree", "bachelor's degree", "master's degree", 'doctorate'],
  ['high school', 'associate', 'bachelor', 'master', 'doctorate'], ['high school', 'bachelors', 'masters', 'phd'],
];

const normal = (v: string) => v.trim().toLowerCase().replace(/[\s_-]+/g, ' ');

/** The values in increasing order, or undefined when they are no known scale. */
export function scaleOrder(values: readonly string[]): string[] | undefined {
  if (values.length < 3 || values.length > 40) return undefined;
  const plain = values.map(normal);
  if (new Set(plain).size !== plain.length) return undefined;
  for (const scale of scales) {
    if (values.length > scale.length || !plain.every((v) => scale.includes(v))) continue;
    return [...values].sort((a, b) => scale.indexOf(normal(a)) - scale.indexOf(normal(b)));
  }
  return rangeOrder(values);
}

interface Range { value: string; low: number; high: number }

/** "Less than 25", "25 - 45", "Greater than 45"; "0-9", "10-19", "20+"; "(0, 10]", "(10, 20]". At least one must be an interval. */
function rangeOrder(values: readonly string[]): string[] | undefined {
  const ranges: Range[] = [];
  for (const value of values) {
    const range = parseRange(value);
    if (!range) return undefined;
    ranges.push({ value, ...range });
  }
  if (!ranges.some((r) => Number.isFinite(r.low) && Number.isFinite(r.high))) return undefined;
  ranges.sort((a, b) => a.low - b.low || a.high - b.high);
  for (let i = 1; i < ranges.length; i++) if (ranges[i].low < ranges[i - 1].high) return undefined;
  return ranges.map((r) => r.value);
}

function parseRange(text: string): { low: number; high: number } | undefined {
  const v = text.trim().toLowerCase().replace(/(\d),(\d{3})\b/g, '$1$2').replace(/[$€£%]/g, '');
  const number = String.raw`(-?\d+(?:\.\d+)?)k?`;
  let m = new RegExp(`^(?:<=?|less than|under|below|up to)\\s*${number}$`).exec(v);
  if (m) return { low: -Infinity, high: Number(m[1]) };
  m = new RegExp(`^(?:>=?|greater than|more than|over|above)\\s*${number}$`).exec(v) ?? new RegExp(`^${number}\\s*(?:\\+|and over|and above|or more)$`).exec(v);
  if (m) return { low: Number(m[1]), high: Infinity };
  m = new RegExp(`^[\\[(]?\\s*${number}\\s*(?:-|–|to|,|\\.\\.)\\s*${number}\\s*[\\])]?$`).exec(v);
  if (m && Number(m[1]) < Number(m[2])) return { low: Number(m[1]), high: Number(m[2]) };
  return undefined;
}
