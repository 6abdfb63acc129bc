/**
 * Where the further fidelity figures turn from good to fair to poor, and why there. A figure that differs by no more than two fresh real tables of these sizes would (its
 * `freshTableWorst5`) is good whatever its value, unless the tables are too small to tell.
 */
export const missingRates = { good: 0.99, fair: 0.95, why: 'One cell in a hundred more or fewer missing is about what is seen in tables of some thousand rows; five in a hundred change what an analysis of complete rows says.' };
export const tails = { good: 0.9, fair: 0.7, why: 'A tenth is what the 1st and 99th percentiles of two fresh tables of a thousand rows differ by; a tail a third short or too heavy changes every rate that depends on it.' };
export const rangeCoverage = { good: 0.85, fair: 0.6, why: 'Our judgement: smallest and largest values belong to single rows, and value protection draws them in on purpose. What covers as much as the control is good.' };
export const categoryCoverage = { good: 0.9, fair: 0.7, on: 'ofWhatAFreshTableCovers', why: 'Of the share that a fresh real table of this size would cover: rare categories are missed by chance, and merged by value protection.' };
export const correlations = { good: 0.97, fair: 0.9, why: 'Correlations that are off by 0.06 on average (0.97) are told from none in tables of a thousand rows; off by 0.2 (0.9) they change conclusions.' };
export const information = { good: 0.97, fair: 0.9, why: 'Our judgement: most pairs of columns are tied weakly, so that even independent columns come near 1; a mean difference of three hundredths is several strong ties gone. What fresh real rows score stands beside it.' };
export const triples = { good: 0.9, fair: 0.8, why: 'Our judgement: three-way tables have many cells, and fresh samples differ in them by chance, by as much as the figure says beside it.' };
export const pmse = { good: 3, fair: 10, why: 'The ratio is 1 for a right synthesis. Raab, Nowok & Dibben (2021) call ratios up to 3 satisfactory and above 10 a reason to revise; it grows with the rows compared.' };
export const sampleLevel = { good: 0.05, fair: 0.15, on: 'shortfall', why: 'Of the shortfall from what real rows reach in the synthetic table\'s place. With 2,000 rows a table five hundredths are about three standard errors of these figures.' };
