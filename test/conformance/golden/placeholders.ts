import { encodeIndentedJson, encodeJson } from '../../../src/runtime/broker/go/json-encode';
import type { Json } from './golden-broker';

/** What a value must look like where a recording has a placeholder. */
const placeholders: Readonly<Record<string, (value: Json) => boolean>> = {
  '<id>': isNumber,
  '<created_by>': isNumber,
  '<user_id>': isNumber,
  '<schema_id>': isNumber,
  '<time>': (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value),
  '<jwt>': (value) => typeof value === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value),
  '<random password>': (value) => typeof value === 'string' && value.length >= 10,
  '<bcrypt hash>': (value) => typeof value === 'string' && /^\$2a\$\d\d\$[./A-Za-z0-9]{53}$/.test(value),
  '<encrypted>': (value) => typeof value === 'string' && /^[\w-]+=*$/.test(value),
  '<unix seconds, now + 900>': (value) => typeof value === 'number' && Math.abs(value - Date.now() / 1000 - 900) < 60,
};

function isNumber(value: Json): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

/** The recording with every placeholder replaced by the value that stands in its place now, if that is of its kind. */
export function filled(recorded: Json, actual: Json | undefined): Json {
  if (typeof recorded === 'string') {
    const isRight = placeholders[recorded];
    return isRight !== undefined && actual !== undefined && isRight(actual) ? actual : recorded;
  }
  if (recorded === null || typeof recorded !== 'object') return recorded;
  if (isList(recorded)) {
    const items = actual !== null && typeof actual === 'object' && isList(actual) ? actual : [];
    return recorded.map((item, index) => filled(item, items[index]));
  }
  const members = actual !== null && typeof actual === 'object' && !isList(actual) ? actual : {};
  return Object.fromEntries(Object.entries(recorded).map(([key, value]) => [key, filled(value, members[key])]));
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** The text a broker would send for a recorded body. Successes are indented, everything else is compact. */
export function sentText(body: Json, status: number): string {
  if (body === null || typeof body !== 'object') return String(body);
  return status === 200 ? encodeIndentedJson(body) : encodeJson(body);
}
