const text = '*/ ü ∑';

export function run(what: string | undefined): void {
  if (what === 'text') console.log(text);
  else if (what === 'import') void import('./latest.js').then(({ latest }) => console.log(latest));
  else throw new Error('thrown later');
}
