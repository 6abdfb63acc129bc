/** What was made for a key, as long as its stamp stays the same; the least recently asked goes first. A failure is not kept. */
export class Cache<T> {
  private readonly made = new Map<string, { stamp: string; value: Promise<T> }>();
  constructor(private readonly most: number) {}

  get(key: string, stamp: string, make: () => Promise<T>): Promise<T> {
    const known = this.made.get(key);
    this.made.delete(key);
    if (known?.stamp === stamp) {
      this.made.set(key, known);
      return known.value;
    }
    const entry = { stamp, value: make() };
    entry.value.catch(() => { if (this.made.get(key) === entry) this.made.delete(key); });
    this.made.set(key, entry);
    if (this.made.size > this.most) this.made.delete(this.made.keys().next().value!);
    return entry.value;
  }
}
