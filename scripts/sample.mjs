/**
 * Writes media/sample/orders.csv, the table a newcomer can try: 2,500 invented orders with everything that a table may have
 * (an identifier, personal data, free text, dates, amounts, missing cells, an outcome). Nobody in it exists.
 */
import { writeFileSync } from 'node:fs';

let state = 20;
/** xorshift32 (Marsaglia 2003): the same bytes on every machine. */
const random = () => {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const pick = (values, weights) => {
  let at = random() * weights.reduce((a, b) => a + b, 0);
  return values.find((_, i) => (at -= weights[i]) < 0) ?? values.at(-1);
};
const first = ['Ana', 'Bo', 'Chidi', 'Dana', 'Elif', 'Femi', 'Greta', 'Hugo', 'Ines', 'Jun', 'Kaya', 'Liam', 'Mira', 'Noor', 'Olu', 'Pia'];
const last = ['Abara', 'Berg', 'Costa', 'Duarte', 'Ek', 'Fabre', 'Grant', 'Haas', 'Ito', 'Jensen', 'Khan', 'Lopes', 'Moreau', 'Novak', 'Okoye', 'Petit'];

const lines = ['order_id,customer,email,age,city,channel,ordered,items,amount,discount,delivery_days,comment,returned'];
for (let i = 0; i < 2500; i++) {
  const name = [pick(first, first.map(() => 1)), pick(last, last.map(() => 1))];
  const channel = pick(['web', 'app', 'shop'], [5, 4, 2]);
  const age = Math.round(Math.min(84, Math.max(18, (channel === 'app' ? 31 : channel === 'web' ? 42 : 55) + 11 * normal())));
  const city = pick(['Porto', 'Lyon', 'Ghent', 'Graz', '"Saint-Malo, FR"'], [9, 7, 4, 3, 1]);
  const items = 1 + Math.floor(-1.4 * Math.log(1 - random()));
  const amount = Math.exp(2.6 + 0.5 * normal()) * items;
  const discount = random() < 0.3 ? pick([5, 10, 20], [4, 3, 1]) : 0;
  const slow = channel === 'shop' ? 0 : Math.max(1, Math.round(2 + (city.startsWith('"') ? 2 : 0) + 1.5 * Math.abs(normal())));
  const odds = -1.6 + 0.35 * (slow - 2) + 0.03 * discount + 0.004 * amount - 0.01 * (age - 40);
  const day = new Date(Date.UTC(2025, 0, 1) + Math.floor(random() * 365) * 86_400_000).toISOString().slice(0, 10);
  const comment = random() < 0.25 ? `${pick(['please ring twice', 'leave it with the neighbour', 'gift for a friend', 'call me first'], [1, 1, 1, 1])} - flat ${1 + Math.floor(random() * 80)} - order ${i}` : '';
  lines.push([70_000 + 3 * i, name.join(' '), `${name.join('.').toLowerCase()}${i}@example.org`, random() < 0.06 ? '' : age, city, channel, day, items, (amount * (1 - discount / 100)).toFixed(2), discount, slow, comment, random() < 1 / (1 + Math.exp(-odds)) ? 'yes' : 'no'].join(','));
}
writeFileSync(new URL('../media/sample/orders.csv', import.meta.url), `${lines.join('\n')}\n`);
