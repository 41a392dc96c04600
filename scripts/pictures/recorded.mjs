// What a run of the demo records, and how it is compared with what the README shows.

/** The plan in what `cdktf diff` printed: from its first resource to its sum, without the name of the stack before each line. */
export function planIn(output) {
  const lines = output.split('\n').map((line) => line.replace(/^orders(?: {2})?/, '').trimEnd());
  const from = lines.findIndex((line) => /^\s*# .+ (?:will|must) be/.test(line));
  const to = lines.findIndex((line) => /^\s*Plan: \d/.test(line));
  if (from === -1 || to === -1) throw new Error(`cdktf diff printed no plan:\n${output}`);
  const plan = lines.slice(from, to + 1);
  const indent = Math.min(...plan.filter((line) => line !== '').map((line) => line.search(/\S/)));
  return plan.map((line) => line.slice(indent)).join('\n');
}

/** Without what differs from run to run and from server to server. */
export function masked(text) {
  return text
    .replaceAll(/\b((?:[a-z]+_u)?id\s+= )"\d+"/g, '$1"<id>"')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\b127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replaceAll(/("serverVersion":)\s*"[^"]*"/g, '$1"<version>"')
    .replaceAll(/("bytes":)\s*\d+/g, '$1"<bytes>"');
}
