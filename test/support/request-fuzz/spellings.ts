import type { Draw } from './draw.ts';
import { objectsIn, printTree, type Tree } from './tree.ts';

/** Texts that say the same: other spaces, another order, escapes. Every reader of JSON must agree. */
export const SPELLINGS: ReadonlyArray<(document: Tree, draw: Draw) => string> = [
  (document) => printTree(document),
  (document, draw) => printTree(document, () => draw.of(['', '', ' ', '\n', '\t', '\r\n  '])),
  (document) => {
    for (const { members } of objectsIn(document)) members.reverse();
    return printTree(document);
  },
  (document, draw) => {
    const text = printTree(document);
    const at = draw.below(text.length);
    // A letter behind a quotation mark begins a text: the corpus has none with such a mark in it.
    return text.slice(0, at) + text.slice(at).replace(/(?<=")[a-z]/, escaped);
  },
];

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

type TextDamage = (text: string, draw: Draw) => string;

const TRAPS = [
  '//x\n',
  '/*x*/',
  ',',
  '\ufeff',
  '\u0000',
  '"',
  '{',
  '}',
  '[',
  '\\',
  '\\u',
  'é',
  '\u2028',
  '=',
  '%00',
];

/** Every damage to the text of a document, by its name. */
export const TEXT_DAMAGES: Readonly<Record<string, TextDamage>> = {
  'a flipped bit': (text, draw) => {
    const bytes = Buffer.from(text);
    const at = draw.below(bytes.length);
    if (bytes.length > 0) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << draw.below(8)), at);
    return bytes.toString();
  },
  'the end cut off': (text, draw) => text.slice(0, draw.below(text.length + 1)),
  'a stretch cut out': (text, draw) => {
    const at = draw.below(text.length + 1);
    return text.slice(0, at) + text.slice(at + 1 + draw.below(12));
  },
  'a stretch twice': (text, draw) => {
    const at = draw.below(text.length + 1);
    const end = at + 1 + draw.below(40);
    return text.slice(0, end) + text.slice(at);
  },
  'something between': (text, draw) => {
    const at = draw.below(text.length + 1);
    return text.slice(0, at) + draw.of(TRAPS) + text.slice(at);
  },
  'something in front': (text, draw) => draw.of(TRAPS) + text,
  'something behind': (text, draw) => text + draw.of(TRAPS),
  'text in a text': (text) => JSON.stringify(text),
  'Base64 in Base64': (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  'Base64 of another alphabet': (text) => Buffer.from(text).toString('base64url'),
};
