import { compileSchema } from '../../../src/schema';
import recorded from '../recorded/json-message-verdicts.json';

/** Why a message is judged otherwise here than by the parser of the broker, which no client runs. */
const deliberate: readonly string[] = [
  'numbers are those of JavaScript',
  'contents of strings are not read',
  'an empty list holds no value',
];

interface Case {
  readonly content: string;
  readonly valid: readonly string[];
  readonly invalid: readonly string[];
  readonly otherwise?: Readonly<Record<string, string>>;
}

it.each(recorded.cases as readonly Case[])(
  'messages of $content have the verdict of the broker’s parser',
  ({ content, valid, invalid, otherwise = {} }) => {
    const schema = compileSchema({ type: 'json', content });
    const isValid = (message: string): boolean => schema.decode(Buffer.from(message)).matched;
    const sameAsBroker = (message: string): boolean => !Object.hasOwn(otherwise, message);
    const isOtherwise = (message: string): boolean => !sameAsBroker(message);
    expect(Object.values(otherwise).filter((reason) => !deliberate.includes(reason))).toEqual([]);
    expect([...valid, ...invalid].filter(isValid)).toEqual([
      ...valid.filter(sameAsBroker),
      ...invalid.filter(isOtherwise),
    ]);
  },
);
