/**
 * A file is parsed in pieces, so that a key press has only the piece around it parsed again. Where pieces end is a matter of the characters alone: behind the brace that closes a
 * declaration, before a line that can only be the head of one, and within them before lines that can only begin a column, a rule, a clause or an expectation. In a file without
 * mistakes every such place is a true boundary (the comments below say why), so the pieces together are parsed as the whole would be; in one with mistakes they keep each mistake to
 * its own piece. And a column may be called by a word that could go on with the declaration above it: `outcome: category` on a line of its own is a column.
 */
export type Block = 'source' | 'target' | 'expect';

/**
 * A run of the text. Of a declaration that was cut the `head` holds what stands before the first cut, the `tail` its end, and every `body` lines between. A `brace` is one too many:
 * it would close a declaration, though what follows can only go on with it.
 */
export interface Piece {
  kind: 'file' | 'head' | 'body' | 'tail' | 'brace';
  block: Block | undefined;
  start: number;
  end: number;
  /** Where it starts, counted from 0. */
  line: number;
  column: number;
}

/** What makes a piece from within a declaration a whole file. */
export const heads: Readonly<Record<Block, string>> = { source: 'source x = "" {', target: 'release x from x {', expect: 'expect x {' };

const letter = '_a-zA-Z\\u00aa-\\u024f\\u0370-\\u1fff\\u3040-\\ud7ff\\uf900-\\ufaff';
const name = `(?:\`(?:[^\`\\r\\n]|\`\`)+\`|(?!(?:and|in|is|not|or)(?![${letter}0-9]))[${letter}][${letter}0-9]*)`;
const string = '"(?:\\\\.|[^"\\\\\\r\\n])*"';

/** The head of a declaration with a block. No two names follow one another like this inside of any block, so wherever a line starts so, a declaration starts. */
const opening: ReadonlyArray<[Block, RegExp]> = [
  ['source', new RegExp(`source\\s+${name}\\s*=\\s*${string}\\s*\\{`, 'y')],
  ['target', new RegExp(`(?:release|augmentation|fairness|transfer|completion)\\s+${name}\\s+from\\s+${name}\\s*\\{`, 'y')],
  ['expect', new RegExp(`expect\\s+${name}\\s*\\{`, 'y')],
];
/** `a, b:` begins the declaration of columns: a colon stands only there and behind the name of a rule. */
const columns = new RegExp(`${name}(?:[ \\t]*,[ \\t]*${name})*[ \\t]*:`, 'y');
const rule = new RegExp(`rule[ \\t]+${name}[ \\t]*:`, 'y');
/** A single point stands only between the two names of a metric. */
const metric = new RegExp(`${name}[ \\t]*\\.(?!\\.)[ \\t]*${name}`, 'y');
/** Words that begin a clause and never go on with one. Followed by `,` or `like` they may be columns. */
const clauseWords = 'where|balance|releases|seed|budget|device|out|report|suite|protection|privacy|generator|beside|demographic_parity|equal_opportunity|equalised_odds|keep|impute|forecast|given';
const clause = new RegExp(`(?:${clauseWords})(?![${letter}0-9])(?!\\s*(?:,|like(?![${letter}0-9])))`, 'y');
/** Words that no declaration begins with: behind a brace that closes a target they show that it was not the last. */
const onward = new RegExp(`(?:rows|to|labels|using|${clauseWords})(?![${letter}0-9])(?!\\s*[.:={])`, 'y');
/** After these a name is due, so that even `rule x:` may begin with a column of that name. */
const nameDue = new Set(['key', 'contexts', 'entity', 'by', 'of', 'unique', 'determines', 'and', 'or', 'not', 'where', 'in', 'is', 'rule', 'matches']);

const quoted = new RegExp(string, 'y'), ticked = /`(?:[^`\r\n]|``)+`/y;
const matches = (pattern: RegExp, text: string, at: number): boolean => {
  pattern.lastIndex = at;
  return pattern.test(text);
};
/** The characters of names and numbers; spaces of all alphabets. As the grammar has them. */
const isWord = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || (c >= 0xaa && (c <= 0x24f || (c >= 0x370 && c <= 0x1fff) || (c >= 0x3040 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfaff)));
const isSpace = (c: number): boolean => c === 32 || (c >= 9 && c <= 13) || (c >= 0xa0 && /\s/.test(String.fromCharCode(c)));

let last: { text: string; pieces: readonly Piece[] } | undefined;
/** The pieces of a text, in order and without gaps; those of the last text are kept, since whoever answers a key press asks for them. */
export function piecesOf(text: string): readonly Piece[] {
  if (last?.text !== text) last = { text, pieces: cut(text) };
  return last.pieces;
}

/** Reads strings, names in backticks and comments as the lexer does, and nothing else of the language. */
function cut(text: string): Piece[] {
  const pieces: Piece[] = [], cuts: Piece[] = [];
  let line = 0, lineStart = 0, depth = 0, block: Block | undefined, tokens = false, fresh = true, before = 0, due = false, open: Piece = { kind: 'file', block: undefined, start: 0, end: 0, line: 0, column: 0 }, commentsEnd = 0;

  const finish = (end: number): void => {
    if (block && cuts.length > 0) {
      open.kind = 'head';
      open.block = block;
      open.end = cuts[0].start;
      pieces.push(open);
      for (let i = 0; i < cuts.length; i++) {
        const cut = cuts[i];
        cut.end = i + 1 < cuts.length ? cuts[i + 1].start : end;
        if (i === cuts.length - 1) cut.kind = 'tail'; // never a brace: something follows it
        pieces.push(cut);
      }
      cuts.length = 0;
    } else if (end > open.start) {
      open.end = end;
      pieces.push(open);
    }
    open = { kind: 'file', block: undefined, start: end, end, line, column: end - lineStart };
    depth = 0;
    block = undefined;
    tokens = false;
  };
  const newLine = (at: number): void => { line++; lineStart = at + 1; };
  /** Lines that end within a comment or before a head's brace. */
  const pass = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const c = text.charCodeAt(i);
      if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) newLine(i);
    }
  };

  for (let i = 0; i < text.length;) {
    const c = text.charCodeAt(i);
    if (c === 32) { i++; continue; }
    if (c === 10 || c === 13) {
      if (c === 10 || text.charCodeAt(i + 1) !== 10) newLine(i);
      fresh = true;
      i++;
      continue;
    }
    if (isSpace(c)) { i++; continue; }
    if (c === 47 && text.charCodeAt(i + 1) === 47) { // //
      while (i < text.length && text.charCodeAt(i) !== 10 && text.charCodeAt(i) !== 13) i++;
      continue;
    }
    if (c === 47 && text.charCodeAt(i + 1) === 42 && commentsEnd >= 0) { // /*, a comment only if it ends somewhere
      commentsEnd = text.indexOf('*/', i + 2);
      if (commentsEnd >= 0) {
        pass(i, commentsEnd + 2);
        i = commentsEnd + 2;
        continue;
      }
    }
    // A token starts here.
    if (due && block) {
      cuts.push({ kind: 'body', block, start: i, end: i, line, column: i - lineStart });
      due = false;
    } else if (fresh || !tokens) {
      const head = headAt(text, i, c);
      if (head) {
        if (tokens) finish(i);
        const end = head.pattern.lastIndex;
        pass(i, end);
        [block, depth, tokens, fresh, before] = [head.block, 1, true, false, end - 1];
        i = end;
        continue;
      }
      if (depth === 1 && block && begins(block, text, i, c, before)) cuts.push({ kind: 'body', block, start: i, end: i, line, column: i - lineStart });
    }
    fresh = false;
    tokens = true;
    before = i;
    if (c === 34) i = matches(quoted, text, i) ? quoted.lastIndex : i + 1;
    else if (c === 96) i = matches(ticked, text, i) ? ticked.lastIndex : i + 1;
    else if (c === 123) { // { is never meant inside of sources and expectations
      if (depth === 0 || block === 'target' || block === undefined) depth++;
      i++;
    } else if (c === 125) { // }
      if (depth === 1 && block && goesOn(block, text, i + 1)) {
        cuts.push({ kind: 'brace', block, start: i, end: i, line, column: i - lineStart });
        due = true;
        i++;
        continue;
      }
      i++;
      depth = Math.max(0, depth - 1);
      if (depth === 0) {
        finish(i);
        fresh = false;
      }
    } else if (isWord(c)) {
      while (i < text.length && isWord(text.charCodeAt(i))) i++;
    } else i++;
  }
  if (open.start < text.length || pieces.length === 0) finish(text.length);
  return pieces.length > 0 ? pieces : [open];
}

function headAt(text: string, at: number, c: number): { block: Block; pattern: RegExp } | undefined {
  // s, r a f t c, e
  const among = c === 115 ? opening[0] : c === 114 || c === 97 || c === 102 || c === 116 || c === 99 ? opening[1] : c === 101 ? opening[2] : undefined;
  return among && matches(among[1], text, at) ? { block: among[0], pattern: among[1] } : undefined;
}

/** Whether a line that starts here can only begin an item of its block. @param before where the token before it starts */
function begins(block: Block, text: string, at: number, c: number, before: number): boolean {
  const last = text.charCodeAt(before);
  if (block === 'expect') return matches(metric, text, at);
  // After a number, a text, a percent sign or a bracket no name goes on with the clause.
  if (block === 'target') return ((last >= 48 && last <= 57) || last === 34 || last === 37 || last === 41 || last === 123 || last === 125) && matches(clause, text, at);
  if (last === 44) return false; // ,
  if (c === 114 && matches(rule, text, at)) return !isOperator(last) && !nameDue.has(wordAt(text, before));
  return matches(columns, text, at) && wordAt(text, before) !== 'rule';
}
/** Spaces and comments to the end of a line; behind a comment of the other kind nothing is guessed. */
const between = /(?:\s|\/\/[^\n\r]*)*/y;
/** Whether what follows a closing brace can only go on with its block: no declaration begins like this. */
function goesOn(block: Block, text: string, from: number): boolean {
  between.lastIndex = from;
  between.exec(text);
  const at = between.lastIndex;
  if (block === 'expect') return matches(metric, text, at);
  return block === 'target' ? matches(onward, text, at) : matches(columns, text, at) || matches(rule, text, at);
}
/** What a name is due after: = < > + - * / ( : and the like; not ) { % and quotes. */
const isOperator = (c: number): boolean => c === 61 || c === 60 || c === 62 || c === 33 || c === 43 || c === 45 || c === 42 || c === 47 || c === 40 || c === 58 || c === 46;
function wordAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && isWord(text.charCodeAt(end))) end++;
  return text.slice(at, end);
}
