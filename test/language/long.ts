/** Long files. This one has sources of twelve columns, each with targets of all purposes and what is expected of them. */
export function longTargets(lines: number): string {
  const parts = ['language 1'];
  for (let i = 0, n = 1; n < lines; i++) {
    const part = `
// The people of register ${i}, as they were counted.
source people${i} = "people.csv" {
  age:              integer in 17..90   // whole years
  \`hours-per-week\`: integer
  city, code:       category
  level:            category ordered ("low", "middle", "high")
  sex:              category sensitive
  income:           category outcome positive ">50K"
  start:            integer
  end:              integer
  pressure:         real decimals 1 missing "NA"
  rule hours: \`hours-per-week\` <= 99
  rule gains: (age + 3) * 2 >= 20 or not (city in ("Porto", "Lyon")) and level is not missing where age > 18
  rule order: start <= end
  rule code: city determines code
  missing "?", "NA"
}

release public${i} from people${i} {
  rows 300
  seed ${i}
  generator autoregressive
}
augmentation rare${i} from people${i} {
  where city = "Ghent" and age in 20..30 rows 500
  where \`hours-per-week\` not in 10..20 share 10%
  balance income to 50%
  beside real
}
fairness fair${i} from people${i} {
  demographic_parity of income = ">50K" across sex within 2% at data level
  keep utility >= 0.95
}
completion filled${i} from people${i} {
  impute pressure, level
  releases 5
}

expect public${i} {
  fidelity.shapes >= 0.95
  fidelity.shapes of age >= 90%
  utility.tstr >= 0.9 of real
  fidelity.two_sample in 0.45..0.55
  privacy.near_copies <= 0.05
}`;
    parts.push(part);
    n += part.split('\n').length;
  }
  return `${parts.join('\n')}\n`;
}

/** A wide table's schema, with rules, a target of many clauses and many expectations. */
export function longSchema(columns: number): string {
  const names = Array.from({ length: columns }, (_, i) => `gene_${i}`);
  return `language 1
source genes = "genes.csv" {
${names.map((c, i) => `  ${`${c}:`.padEnd(10)} integer in 0..100${i % 5 ? '' : '\n    missing "NA"'}   // gene ${i}`).join('\n')}
  result: category outcome
  rule first: gene_0 <= gene_1
  missing "?"
${names.filter((_, i) => i % 4 === 0).map((c, i) => `  rule r${i}: ${c} <= 100`).join('\n')}
  key gene_1
}
augmentation many from genes {
${names.map((c, i) => `  where ${c} > ${i % 90} rows ${i + 1}`).join('\n')}
  generator autoregressive
}
/* What is expected. */
expect many {
${names.map((c) => `  fidelity.shapes of ${c} >= 0.9`).join('\n')}
}
`;
}
