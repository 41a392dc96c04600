import { printable, printableSentence } from './printable';

/**
 * Text inside Markdown and inside its HTML blocks. Character references are text to both, at every place: they end no
 * table cell, open no tag and no link.
 */

// What Markdown, its extensions and the filters of GitHub and GitLab give a meaning, anywhere in a line and at its start.
const MARKUP = /[\\`*_[\]<>|]|:(?=\/\/)|^[-+=]|(?<=^\d+)[.)](?=\s|$)/g;

// The filters run on the finished page, where character references are characters; only a comment between two of them
// stops one: `@name` notifies a person, `#1` and `GH-1` link an issue, `!1`, `$1`, `~1`, `&1`, `%1` and `^1` what GitLab
// has. `www.` begins a link.
const FILTERED = /[@#!~$&%^]|www\.|GH-/gi;

/** A sentence; nothing in it is markup, a mention or a reference. */
export function markdownSentence(text: string): string {
  return escaped(printableSentence(text));
}

/** A name or a value in a code font. An empty one is the empty text. */
export function markdownCode(text: string): string {
  return text === '' ? '' : `<code>${escaped(printable(text))}</code>`;
}

function escaped(text: string): string {
  const parts = text.split(FILTERED);
  const filtered = text.match(FILTERED) ?? [];
  return parts.map((part, index) => referenced(part, index === 0) + stopped(filtered[index] ?? '')).join('');
}

function referenced(text: string, isStart: boolean): string {
  return text.replace(MARKUP, (character, offset: number) =>
    // Not the start of a line, only of a part.
    !isStart && offset === 0 && '-+='.includes(character) ? character : referenceTo(character),
  );
}

function stopped(mark: string): string {
  if (mark === '') return '';
  return `${mark.length === 1 ? referenceTo(mark) : mark}<!-- -->`;
}

function referenceTo(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
