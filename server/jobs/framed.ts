/**
 * A file of numbers behind a header: four letters, the length of a JSON header (uint32), the header padded with spaces to four bytes, then what is counted there; all
 * little-endian. The header can be read alone.
 */
export function framed(magic: string, header: object, bodyBytes: number): { out: Buffer; body: number } {
  let json = JSON.stringify(header);
  json += ' '.repeat((4 - (Buffer.byteLength(json) % 4)) % 4);
  const text = Buffer.from(json), body = 8 + text.length, out = Buffer.alloc(body + bodyBytes);
  out.write(magic, 0, 'latin1');
  out.writeUInt32LE(text.length, 4);
  text.copy(out, 8);
  return { out, body };
}

/** How many bytes the header takes, from a file's first eight; undefined for another file. */
export function headerBytes(magic: string, first: Uint8Array): number | undefined {
  const data = Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  return data.length >= 8 && data.toString('latin1', 0, 4) === magic ? data.readUInt32LE(4) : undefined;
}

/** The header and where the numbers begin; undefined for another file. @throws SyntaxError for a header cut short */
export function unframed<H>(magic: string, bytes: Uint8Array): { header: H; data: Buffer; body: number } | undefined {
  const length = headerBytes(magic, bytes), data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return length === undefined ? undefined : { header: JSON.parse(data.toString('utf8', 8, 8 + length)) as H, data, body: 8 + length };
}
