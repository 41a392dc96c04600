// Draws the text of a terminal as SVG. The same text gives the same bytes on every machine.
const LINE = 18;
const CHARACTER = 7.83;
const PADDING = 20;
const HEADER = 34;
/** Viewers of SVG make one of several spaces. */
const NO_BREAK_SPACE = '\u00a0';
const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

const colours = {
  background: '#0d1117',
  text: '#e6edf3',
  comment: '#8b949e',
  create: '#3fb950',
  change: '#d29922',
  destroy: '#f85149',
};

/** @param {string} command what was typed @param {string} output what it printed */
export function terminalSvg(command, output) {
  const lines = [`$ ${command}`, '', ...output.split('\n')];
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * CHARACTER + 2 * PADDING);
  const height = HEADER + lines.length * LINE + PADDING;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${PADDING + index * 20}" cy="18" r="6" fill="${fill}"/>`,
  );
  const drawn = lines.map((line, index) =>
    line === '' ? '' : textOf(line, HEADER + (index + 1) * LINE - 4),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`Output of ${command}`)}">
<rect width="100%" height="100%" rx="8" fill="${colours.background}"/>
${dots.join('')}
<g font-family="${escaped(FONT)}" font-size="13" fill="${colours.text}">
${drawn.filter((line) => line !== '').join('\n')}
</g>
</svg>
`;
}

function textOf(line, y) {
  const fill = colourOf(line);
  const attribute = fill === undefined ? '' : ` fill="${fill}"`;
  return `<text x="${PADDING}" y="${y}"${attribute} textLength="${(line.length * CHARACTER).toFixed(1)}">${escaped(line).replaceAll(' ', NO_BREAK_SPACE)}</text>`;
}

function colourOf(line) {
  if (/^\s*#/.test(line)) return colours.comment;
  if (/^\s*(?:-\/\+|\+\/-)/.test(line)) return colours.destroy;
  if (/^\s*\+/.test(line)) return colours.create;
  if (/^\s*~/.test(line)) return colours.change;
  if (/^\s*-/.test(line)) return colours.destroy;
  return undefined;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
