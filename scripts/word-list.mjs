// Words that people do not get to read, and what to write instead. `npm run lint` looks for them in the strings of
// src/, and test/docs/words.test.ts in the documents.
export const wordList = [
  [/\btexts\b/i, 'strings, or what they are'],
  [/\b(?:il)?legal\b/i, 'valid, invalid'],
  [/(?<!\bthere )\bis no (?!longer\b|more\b|[a-z]+ (?:for|in|of)\b)[a-z]+/, 'is not a, must be a'],
  [/\b(?:made|makes?|begins?|created|creates?) (?:it |them )?anew\b/i, 'recreated, starts again'],
  [/\b(?:being|is|was) made again\b/i, 'reconnected, recreated'],
  [/\b(?:gone|goes?|going) on with\b/i, 'resumed, continues with'],
  [/\bhalf-way\b/i, 'interrupted'],
  [/\b(?:told|tells)\b/i, 'reported, shows, is notified of'],
  [/\bhears? of\b/i, 'is notified of'],
  [/\b(?:is|are) asked for\b/i, 'is looked up'],
  [/\bsomebody else's\b/i, 'managed elsewhere, owned by'],
  [/\bstays so\b/i, 'persists'],
  [/\bhas not the\b/i, 'is missing the'],
  [/\bfor ever\b/i, 'without end, keeps'],
  [/\b(?:looked at|judged)\b/i, 'checked, validated'],
];

/** The first word in a string that the list replaces; undefined without one. */
export function unwantedWord(text) {
  for (const [pattern, instead] of wordList) {
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return { found, instead };
  }
  return undefined;
}
