/* What would end a comment early has to survive: a pattern and a text. */
const pattern = /a*/;
const text = '*/ ü ∑';

export function run(what: string | undefined): void {
  if (what === 'text') console.log(`${pattern.source} ${text}`);
  else if (what === 'import') void import('./latest.js').then(({ latest }) => console.log(latest));
  else throw new Error('thrown later');
}
