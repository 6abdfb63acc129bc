/** A small table with every kind of column there is, made by arithmetic: the same bytes on every machine. */
export function orders(rows: number, seed = 1): string {
  let state = seed >>> 0 || 1;
  const random = () => {
    // xorshift32 (Marsaglia 2003): plenty for test data.
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  const cities = ['Lyon', 'Porto', 'Graz', 'Ghent', '"Saint, Malo"'];
  const lines = ['id,email,city,age,amount,member,ordered,country,note'];
  for (let i = 0; i < rows; i++) {
    const age = 18 + Math.floor(60 * random() * random());
    const member = random() < (age > 40 ? 0.7 : 0.2);
    const amount = (Math.exp(2 + random() * 2) * (member ? 1.5 : 1)).toFixed(2);
    const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(700 * random()))).toISOString().slice(0, 10);
    lines.push([
      100_000 + i, `person${i}@example.org`, cities[Math.floor(random() ** 2 * cities.length)], random() < 0.1 ? '' : age, amount,
      member ? 'yes' : 'no', day, 'FR', `called ${i} about the ${['red', 'blue', 'late', 'lost'][Math.floor(random() * 4)]} parcel number ${Math.floor(random() * 1e6)} again`,
    ].join(','));
  }
  return `${lines.join('\n')}\n`;
}
