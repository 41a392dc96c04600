// Writes the comments of props that stand for a field of the model: description, valid values, what a change does, and
// the default. TypeScript wants them in the source, so they are generated there, and a test keeps them current.
import ts from 'typescript';
import { defaultOf } from './reference.mjs';

const WIDTH = 118;

/**
 * @param {string} source text of a TypeScript file
 * @param {Record<string, object>} fields the entries that props of the file stand for, by the name of the prop
 * @param {Record<string, string>} notes what only props of this file can do, as a paragraph after the description
 * @param {object} model what else of the model the texts need
 * @returns the text with the comments of these props written anew
 */
export function withPropComments(source, fields, notes, model) {
  const file = ts.createSourceFile('props.ts', source, ts.ScriptTarget.Latest, true);
  const edits = [];
  const visit = (node) => {
    const name = ts.isPropertySignature(node) ? node.name.getText(file) : undefined;
    const isProp = name !== undefined && Object.hasOwn(fields, name) && startsLine(node);
    if (isProp && node.type?.kind !== ts.SyntaxKind.NeverKeyword) edits.push(editOf(node, name));
    ts.forEachChild(node, visit);
  };
  // A type that is written on one line is not a documented prop.
  const startsLine = (node) => /\n[ ]*$/.test(source.slice(0, node.getStart(file)));
  const editOf = (node, name) => {
    const [comment] = ts.getLeadingCommentRanges(source, node.pos)?.slice(-1) ?? [];
    const start = comment?.pos ?? node.getStart(file);
    const indent = source.slice(source.lastIndexOf('\n', start) + 1, start);
    const paragraphs = commentOf(fields[name], notes[name], model, node.questionToken !== undefined);
    return { start, end: comment?.end ?? start, text: jsDoc(paragraphs, indent) };
  };
  visit(file);
  return edits
    .toReversed()
    .reduce(
      (text, { start, end, text: comment }) => text.slice(0, start) + comment + text.slice(end),
      source,
    );
}

function commentOf(field, note, model, isOptional) {
  const valid = model.validValues(field);
  const says = field.type === 'integer' || field.names !== undefined;
  return [
    field.description,
    ...(note === undefined ? [] : [note]),
    ...(says ? [`${valid.charAt(0).toUpperCase()}${valid.slice(1)}.`] : []),
    ...changeOf(field.change),
    // A prop that is required here, in one of several types, has no default here.
    ...(field.required || !isOptional ? [] : [`@default ${defaultOf(field).replaceAll('`', '')}`]),
  ];
}

function changeOf(change) {
  switch (change.how) {
    case 'replace':
      return [`Changing this forces replacement: ${change.why}`];
    case 'inPlace':
      return [`Changed in place.${change.loses === undefined ? '' : ` ${change.loses}`}`];
    default:
      return [];
  }
}

function jsDoc(paragraphs, indent) {
  const width = WIDTH - indent.length - 3;
  const lines = paragraphs.flatMap((paragraph, index) => [
    ...(index === 0 ? [] : ['']),
    ...wrapped(paragraph, width),
  ]);
  if (lines.length === 1) return `/** ${lines[0]} */`;
  const body = lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}`).join('\n');
  return `/**\n${body}\n${indent} */`;
}

function wrapped(paragraph, width) {
  const lines = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
