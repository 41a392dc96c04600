// What the props of a construct are, from the interfaces in its source: name, type, default and comment.
import ts from 'typescript';

/**
 * @param {string} source text of a TypeScript file
 * @param {readonly string[]} names of the interfaces and types that make up the props
 * @returns the props in the order of their first declaration; of several declarations of one, the types are joined
 */
export function constructProps(source, names) {
  const file = ts.createSourceFile('props.ts', source, ts.ScriptTarget.Latest, true);
  const props = new Map();
  const visit = (node) => {
    if (ts.isPropertySignature(node)) {
      if (node.type?.kind !== ts.SyntaxKind.NeverKeyword) add(node);
      return;
    }
    ts.forEachChild(node, visit);
  };
  const add = (node) => {
    const name = node.name.getText(file);
    const type = node.type.getText(file).replaceAll(/\s+/g, ' ');
    const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
    const fallback = comment?.tags?.find(({ tagName }) => tagName.text === 'default')?.comment;
    const known = props.get(name);
    const types = new Set([...(known?.types ?? []), type]);
    props.set(name, {
      name,
      types,
      isOptional: (known?.isOptional ?? false) || node.questionToken !== undefined,
      text: known?.text ?? plain(ts.getTextOfJSDocComment(comment?.comment)),
      fallback:
        known?.fallback ?? (fallback === undefined ? undefined : plain(ts.getTextOfJSDocComment(fallback))),
    });
  };
  for (const statement of file.statements) {
    if (names.includes(statement.name?.getText(file))) ts.forEachChild(statement, visit);
  }
  return [...props.values()];
}

const plain = (text = '') => text.replaceAll(/\s+/g, ' ').trim();

/** @param {readonly string[]} described the props that have a section of their own on the page */
export function propsSection(title, props, described) {
  const cell = (text) => text.replaceAll('|', '\\|');
  const rows = props.map(({ name, types, isOptional, text, fallback }) => {
    const meaning = described.includes(name)
      ? `[see below](#${name.toLowerCase()})`
      : `${text}${fallback === undefined ? '' : ` Default: ${fallback}.`}`;
    const all = [...types].map((type) => `\`${type}\``).join(', ');
    return `| \`${name}\`${isOptional ? '' : ' (required)'} | ${cell(all)} | ${cell(meaning)} |`;
  });
  return `## ${title}

| prop | type | meaning |
| --- | --- | --- |
${rows.join('\n')}`;
}
