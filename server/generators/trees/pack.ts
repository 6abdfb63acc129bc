/** Records with typed arrays in them, as bytes: JSON, the arrays in base64. For models that keep rows. */
const kinds = { Float64Array, Int32Array, Uint8Array };
type Held = { typed: keyof typeof kinds; bytes: string };

export function packRecord(record: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record, (_, v: unknown) => {
    if (!ArrayBuffer.isView(v)) return v;
    const typed = v.constructor.name;
    if (!(typed in kinds)) throw new TypeError(`packRecord: ${typed}`);
    return { typed, bytes: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') };
  }));
}
export function unpackRecord<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes), (_, v: unknown) => {
    const held = v as Held | null;
    if (!held || typeof held !== 'object' || !(held.typed in kinds)) return v;
    const raw = Buffer.from(held.bytes, 'base64'), own = new ArrayBuffer(raw.length);
    new Uint8Array(own).set(raw);
    return new kinds[held.typed](own);
  }) as T;
}
