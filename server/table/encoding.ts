import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { UserError } from '../errors';
import { rewrite } from './bytes';
import type { Dialect } from './table';

export type Encoding = Dialect['encoding'];

/** What the first bytes say: a byte-order mark, or the zero bytes that UTF-16 text leaves at every other place. */
export function sniffEncoding(start: Buffer, path: string): { encoding: Encoding; bom: number } {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return { encoding: 'utf-8', bom: 3 };
  if (start[0] === 0xff && start[1] === 0xfe) {
    if (start.length >= 4 && start[2] === 0 && start[3] === 0) throw new UserError('The file is in UTF-32, which is not supported.', { file: basename(path) }, 'Save it as UTF-8.');
    return { encoding: 'utf-16le', bom: 2 };
  }
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: 'utf-16be', bom: 2 };
  const zeros = [0, 0];
  const seen = Math.min(start.length, 4096) & ~1;
  for (let i = 0; i < seen; i++) if (start[i] === 0) zeros[i & 1]++;
  const half = seen / 2;
  if (half >= 2 && zeros[1] > half * 0.4 && zeros[0] < half * 0.05) return { encoding: 'utf-16le', bom: 0 };
  if (half >= 2 && zeros[0] > half * 0.4 && zeros[1] < half * 0.05) return { encoding: 'utf-16be', bom: 0 };
  return { encoding: 'utf-8', bom: 0 };
}

/**
 * Checks a stream of chunks for valid UTF-8, natively; characters cut by a chunk's end are carried over.
 * `push` returns false at the first invalid byte; `end` false when the last character is cut off.
 */
export class Utf8Check {
  private rest: Buffer = Buffer.alloc(0);
  push(chunk: Buffer): boolean {
    const cut = incompleteTail(chunk);
    let body = chunk.subarray(0, chunk.length - cut);
    if (this.rest.length) {
      // The carried bytes and at most three more complete one character.
      const need = Math.min(sequenceLength(this.rest[0]) - this.rest.length, chunk.length);
      const joined = Buffer.concat([this.rest, chunk.subarray(0, need)]);
      if (joined.length < sequenceLength(joined[0])) { this.rest = joined; return true; }
      if (!isUtf8(joined)) return false;
      body = chunk.subarray(need, Math.max(need, chunk.length - cut));
    }
    this.rest = Buffer.from(chunk.subarray(chunk.length - cut));
    return isUtf8(body);
  }
  end(): boolean { return this.rest.length === 0; }
}

const sequenceLength = (lead: number) => lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
function incompleteTail(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/**
 * Windows-1252 as browsers define it (the Encoding Standard's meaning of "latin1"): every byte is one character and
 * every character one byte, so that reading and writing back is exact whatever the file's real 8-bit encoding was.
 */
const c1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';   // bytes 0x80 to 0x9f; by hand, as some Node versions decode them as ISO 8859-1
const toByte = new Map(Array.from({ length: 128 }, (_, i) => [i < 32 ? c1.charCodeAt(i) : i + 128, i + 128]));
const fromLatin1 = (bytes: Buffer) => bytes.toString('latin1').replace(/[\u0080-\u009f]/g, c => c1[c.charCodeAt(0) - 128]);

/** Streams a file in another encoding into UTF-8 without a byte-order mark. */
export async function transcode(path: string, out: string, encoding: Exclude<Encoding, 'utf-8'>, bom: number, signal?: AbortSignal): Promise<void> {
  if (encoding === 'latin1') return rewrite(path, out, chunk => chunk ? fromLatin1(chunk) : '', signal);
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let skip = bom;
  await rewrite(path, out, chunk => {
    try {
      if (chunk === null) return decoder.decode();
      const body = skip ? chunk.subarray(skip) : chunk;
      skip = 0;
      return decoder.decode(body, { stream: true });
    } catch { throw new UserError(`The file is not valid ${encoding.toUpperCase()}.`, { file: basename(path) }, 'Save it as UTF-8.'); }
  }, signal);
}

/** Encodes text for writing. In Latin-1, a character it lacks loses its accent, or becomes `?`. */
export function encoder(encoding: Encoding): (text: string) => Buffer {
  switch (encoding) {
    case 'utf-8': return text => Buffer.from(text, 'utf8');
    case 'utf-16le': return text => Buffer.from(text, 'utf16le');
    case 'utf-16be': return text => Buffer.from(text, 'utf16le').swap16();
    case 'latin1': return text => {
      const plain = /[^\u0000-\u007f]/.test(text) ? text.replace(/[^\u0000-\u007f]/gu, latin1) : text;
      return Buffer.from(plain, 'latin1');
    };
  }
}

function latin1(character: string): string {
  const byte = character.length === 1 ? toByte.get(character.charCodeAt(0)) : undefined;
  if (byte !== undefined) return String.fromCharCode(byte);
  const bare = character.normalize('NFD').replace(/\p{M}/gu, '');
  return /^[\u0000-\u007f]+$/.test(bare) ? bare : '?';
}

/** The byte-order mark of an encoding. */
export const bomOf = (encoding: Encoding): Buffer => encoder(encoding)('\ufeff');
