import { EnvironmentError } from '../model/errors';

/** One provider in Terraform's lock file. */
export interface LockedProvider {
  /** `HOST/NAMESPACE/TYPE`. */
  readonly address: string;
  /** The exact version; the constraint is the same. */
  readonly version: string;
  /** Empty when the program that reads the file is to add them. */
  readonly hashes: readonly string[];
}

/** Where a provider's block stands in the text of a lock file. */
interface Block {
  readonly address: string;
  readonly start: number;
  /** Just after the closing brace. */
  readonly end: number;
}

/**
 * The provider blocks of a lock file, in the order of the text.
 * @throws EnvironmentError when the text is damaged.
 */
export function lockedProviders(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { address: string; start: number } | undefined;
  let depth = 0;
  let heading: Word[] = [];
  for (const word of wordsOf(text)) {
    if (word.text === '{' || word.text === '[') {
      const label = heading.at(-1)?.text ?? '';
      if (depth === 0 && heading.at(-2)?.text === 'provider' && label.startsWith('"')) {
        open = { address: label.slice(1, -1).toLowerCase(), start: heading.at(-2)?.start ?? word.start };
      }
      depth += 1;
    } else if (word.text === '}' || word.text === ']') {
      depth -= 1;
      if (depth < 0) throw damaged(text, word.start, 'a bracket that closes nothing');
      if (depth === 0 && open !== undefined) {
        blocks.push({ ...open, end: word.start + 1 });
        open = undefined;
      }
      heading = [];
    } else if (depth === 0) {
      heading = [...heading.slice(-1), word];
    }
  }
  if (depth > 0) throw damaged(text, open?.start ?? text.length, 'a bracket that is never closed');
  return blocks;
}

/** A lock file with an entry for a provider: in place of one for the same address, else where its address belongs. */
export function withLockedProvider(text: string, provider: LockedProvider): string {
  const address = provider.address.toLowerCase();
  const blocks = lockedProviders(text);
  const [first, ...further] = blocks.filter((block) => block.address === address);
  const entry = entryText(provider);
  if (first !== undefined) {
    // A second block for one address is an error to Terraform; from the last on, so that positions stay right.
    const single = further.reduceRight(
      (whole, block) => whole.slice(0, block.start) + whole.slice(block.end).replace(/^\r?\n/, ''),
      text,
    );
    return single.slice(0, first.start) + entry + single.slice(first.end);
  }
  const next = blocks.find((block) => block.address > address);
  if (next !== undefined) return `${text.slice(0, next.start)}${entry}\n\n${text.slice(next.start)}`;
  const before = text.trimEnd();
  return `${before === '' ? HEADING : before}\n\n${entry}\n`;
}

const HEADING = '# Written at synth by cdktf-memphis; "terraform init" adds to it.';

function entryText({ address, version, hashes }: LockedProvider): string {
  const listed = hashes.map((hash) => `    "${hash}",\n`).join('');
  return [
    `provider "${address}" {`,
    `  version     = "${version}"`,
    `  constraints = "${version}"`,
    ...(hashes.length === 0 ? [] : [`  hashes = [\n${listed}  ]`]),
    '}',
  ].join('\n');
}

/** A bracket, a quoted text with its quotes, or any other run of characters. */
interface Word {
  readonly text: string;
  readonly start: number;
}

/** Alternatives in order: comments, which are skipped; quoted strings; brackets; everything else. */
const WORD = /#.*|\/\/.*|\/\*[\s\S]*?\*\/|("(?:\\.|[^"\\\n])*")|([{}[\]])|([^\s"{}[\]#/]+|["/])/g;

function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].flatMap((match) => {
    const word = match[1] ?? match[2] ?? match[3];
    if (word === '"') throw damaged(text, match.index, 'a quote that is never closed');
    return word === undefined ? [] : [{ text: word, start: match.index }];
  });
}

function damaged(text: string, position: number, found: string): EnvironmentError {
  const line = text.slice(0, position).split('\n').length;
  return new EnvironmentError({
    attempted: 'add the provider to the lock file .terraform.lock.hcl of the stack',
    found: `line ${line} has ${found}`,
    next: 'Repair the file, or delete it: synth and `terraform init` write it again.',
  });
}
