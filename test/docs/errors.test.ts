import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorGuide } from '../../src/model/error-guide';
import { ofPrograms } from './errors/of-programs';
import { ofTerraform } from './errors/of-terraform';
import type { Provoked, Situation } from './errors/situation';
import { Place } from './errors/situation';

/** What `docs/errors.md` shows. `npm run docs:errors` records it again. */
const file = join(__dirname, '../../docs/error-examples.json');
const isRecording = process.env.RECORD_ERROR_EXAMPLES === '1';

interface Example {
  readonly code: string;
  readonly what: string;
  readonly text: string;
}

const situations: readonly Situation[] = [...ofPrograms, ...ofTerraform].sort(({ code: a }, { code: b }) =>
  a < b ? -1 : a > b ? 1 : 0,
);
const recorded: readonly Example[] = isRecording ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Example[]);
const seen: Example[] = [];

const place = Place.forThisFile();

function textOf(provoked: Provoked): string {
  return place.withPlaceholders('caught' in provoked ? provoked.caught.message : provoked.printed);
}

describe('the examples in docs/errors.md are the errors that come when', () => {
  test.each(situations)('$what ($code)', async (situation) => {
    const { code, what } = situation;
    const provoked = await situation.provoke(place);
    if ('caught' in provoked) expect(provoked.caught.code).toBe(code);
    // Terraform shows the code; on the command line it is left out.
    const text = textOf(provoked);
    if (text.startsWith('Error: ')) expect(text.split('\n').at(-1)).toBe(`(${code})`);
    seen.push({ code, what, text });
    if (!isRecording) expect(recorded.find((example) => example.what === what)).toEqual({ code, what, text });
  });

  afterAll(() => {
    if (isRecording) writeFileSync(file, `${JSON.stringify(seen, null, 2)}\n`);
  });
});

test('every code has an example, and no example is left of a situation that is gone', () => {
  const examples = isRecording ? seen : recorded;
  expect([...new Set(examples.map(({ code }) => code))].sort()).toEqual(Object.keys(errorGuide).sort());
  expect(examples.map(({ what }) => what)).toEqual(situations.map(({ what }) => what));
});
