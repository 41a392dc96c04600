import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import fc from 'fast-check';
import { formatNamed } from '../../../../src/runtime/report/formats';
import { anyReport, driftReport, planReport, smokeReport } from '../../../support/reports';
import { many } from '../../../support/random';

type JsonSchema = Readonly<Record<string, unknown>>;

const published = JSON.parse(
  readFileSync(path.join(__dirname, '../../../../docs/report.schema.json'), 'utf8'),
) as JsonSchema;
const json = formatNamed('json');
const parsed = (report: Parameters<typeof json.render>[0]): unknown => JSON.parse(json.render(report));

/** The schema without room for members that it does not describe. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const describesObject = 'properties' in schema && 'type' in schema && schema.type === 'object';
  return { ...Object.fromEntries(members), ...(describesObject ? { additionalProperties: false } : {}) };
}

const validate = new Ajv({ allErrors: true }).compile(closed(published) as JsonSchema);

test.each([driftReport(), planReport(), smokeReport()])(
  'the schema describes every member of a report',
  (report) => {
    validate(parsed(report));
    expect(validate.errors).toBeNull();
  },
);

test('the schema fits random reports', () => {
  fc.assert(
    fc.property(anyReport, (report) => {
      validate(parsed(report));
      expect(validate.errors).toBeNull();
    }),
    { numRuns: many(200) },
  );
});

test('the schema refuses another major version and a report without objects, and allows members of a later one', () => {
  const open = new Ajv().compile(published);
  const report = parsed(driftReport()) as Record<string, unknown>;
  expect(open({ ...report, formatVersion: '1.7', later: true })).toBe(true);
  expect(open({ ...report, formatVersion: '2.0' })).toBe(false);
  expect(open({ ...report, objects: undefined })).toBe(false);
});

test('keeps names and values as they are', () => {
  const [orders] = (parsed(driftReport()) as ReturnType<typeof driftReport>).objects;
  expect(orders?.differences[2]?.live).toEqual(['<b>a|b</b>', '`@octocat` #1']);
});
