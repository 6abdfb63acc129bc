/**
 * Decompresses an LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md): what pandas and pyarrow
 * put into Feather files by default. Checksums are not verified. Throws on damaged data.
 */
export function lz4Frame(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw new Error('not an LZ4 frame');
  const flags = input[4];
  const blockChecksum = flags & 0x10, contentSize = flags & 0x08, dictionary = flags & 0x01;
  let at = 6, size = 0;
  if (contentSize) { size = Number(view.getBigUint64(at, true)); at += 8; }
  if (dictionary) at += 4;
  at += 1;
  let out = new Uint8Array(size || input.length * 4), end = 0;
  const reserve = (more: number) => {
    if (end + more <= out.length) return;
    const larger = new Uint8Array(Math.max(out.length * 2, end + more));
    larger.set(out.subarray(0, end));
    out = larger;
  };
  for (;;) {
    if (at + 4 > input.length) throw new Error('LZ4 frame is cut off');
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return out.subarray(0, end);
    const length = word & 0x7fffffff, stop = at + length;
    if (stop > input.length) throw new Error('LZ4 block is cut off');
    if (word & 0x80000000) { reserve(length); out.set(input.subarray(at, stop), end); end += length; at = stop; }
    else {
      while (at < stop) {
        const token = input[at++];
        let literals = token >> 4;
        if (literals === 15) for (let b = 255; b === 255;) literals += b = input[at++];
        if (at + literals > stop) throw new Error('LZ4 literals are cut off');
        reserve(literals);
        out.set(input.subarray(at, at + literals), end);
        end += literals; at += literals;
        if (at >= stop) break;
        const distance = input[at] | input[at + 1] << 8;
        at += 2;
        let match = (token & 15) + 4;
        if ((token & 15) === 15) for (let b = 255; b === 255;) match += b = input[at++];
        if (distance === 0 || distance > end) throw new Error('LZ4 match before the start');
        reserve(match);
        if (distance >= match) { out.copyWithin(end, end - distance, end - distance + match); end += match; }
        else for (let i = 0; i < match; i++, end++) out[end] = out[end - distance];
      }
    }
    if (blockChecksum) at += 4;
  }
}
