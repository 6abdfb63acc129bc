import { heads, piecesOf, type Piece } from './pieces';

/** The piece that holds the character before a place. */
function indexAt(pieces: readonly Piece[], offset: number): number {
  let low = 0, high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle].start < offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Where the piece around a place begins (pieces.ts), and what stands in for the head of its declaration: the two and the text up to the place are enough to know what may stand there.
 * @returns a start of 0 in the first piece, whose file header may still follow
 */
export function pieceStart(text: string, offset: number): { start: number; head: string } {
  const pieces = piecesOf(text), piece = pieces[indexAt(pieces, offset)];
  return { start: piece.start, head: piece.block !== undefined && piece.kind !== 'head' ? heads[piece.block!] : '' };
}

/** A part of the text that begins and ends between tokens and holds a place with the tokens before and behind it. */
export function window(text: string, offset: number): { start: number; end: number } {
  const pieces = piecesOf(text), at = indexAt(pieces, offset);
  return { start: pieces[Math.max(0, at - 2)].start, end: pieces[Math.min(pieces.length - 1, at + 2)].end };
}
