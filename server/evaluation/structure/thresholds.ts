/** Where structure figures turn from good to fair to poor, and why there. */
export const rules = { good: 0.99, fair: 0.9, why: 'Every training row keeps what was found, so a generator that has learnt it breaks it by oversight only: one row in a hundred is seen by nobody, one in ten by everybody. Where control rows break rules too, no worse than they is good.' };
export const declared = { good: 1, fair: 0.99, why: 'A declared rule is to hold in every row.' };
export const independence = { good: 0.05, fair: 0.15, on: 'shortfall', why: 'Of the shortfall from how well other real rows agree with the training rows on the same statements; tests at 1% disagree by chance in a few of a hundred.' };
export const globalUtility = { good: 0.97, fair: 0.9, why: 'Our judgement: the ratio is 1 where every column is predicted as well from synthetic rows as from real ones; a tenth less is as if a part of the columns could not be predicted at all.' };
