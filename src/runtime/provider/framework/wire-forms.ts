// Between what authors see and what goes over the wire: objects, private state, diagnostics and schemas.
import { decodeValue, encodeValue } from '../cty/msgpack';
import type { Type } from '../cty/type';
import { typeToJson } from '../cty/type';
import type { Values } from '../cty/value';
import type { WireAttribute, WireDiagnostic, WirePath, WireSchema, WireValue } from '../wire/messages';
import { Nesting, Severity } from '../wire/messages';
import type { Attribute } from './attribute';
import { isComputed, objectType } from './attribute';
import type { AttributePath, Diagnostic } from './diagnostics';
import type { Private } from './resource';

const MSGPACK_NULL = 0xc0;
const NULL_ON_WIRE = { msgpack: Uint8Array.of(MSGPACK_NULL) };
const NO_BYTES = new Uint8Array(0);
const MARKDOWN = 1;

/** Translates the objects of one schema. */
export class ObjectCodec {
  readonly #type: Type;

  constructor(attributes: readonly Attribute[]) {
    this.#type = objectType(attributes);
  }

  /** An object from the wire; a missing one is null. */
  decode(wire: WireValue | undefined): Values | null {
    if (wire === undefined || isNullOnWire(wire)) return null;
    return decodeValue(this.#type, wire.msgpack) as Values | null;
  }

  /** An object from the wire that the protocol promises to be there. */
  decodeExisting(wire: WireValue | undefined): Values {
    return this.decode(wire) ?? {};
  }

  encode(values: Values | null): { readonly msgpack: Uint8Array } {
    return values === null ? NULL_ON_WIRE : { msgpack: encodeValue(this.#type, values) };
  }
}

/**
 * Whether a value is missing or null, without decoding it.
 * @throws Error when it comes in the JSON form, which the protocol keeps for answers.
 */
export function isNullOnWire(wire: WireValue | undefined): boolean {
  if (wire === undefined) return true;
  const { msgpack, json } = wire;
  if (msgpack.length === 0 && json.length > 0) {
    throw new Error(
      'Could not read a value: the host sent it as JSON instead of msgpack\nUse Terraform or OpenTofu to run this provider.',
    );
  }
  return msgpack.length === 0 || (msgpack.length === 1 && msgpack[0] === MSGPACK_NULL);
}

/** Private state as the bytes that Terraform stores; an empty one is no bytes. */
export function encodePrivate(state: Private): Uint8Array {
  return Object.keys(state).length === 0 ? NO_BYTES : Buffer.from(JSON.stringify(state));
}

/** Private state from stored bytes. Bytes that another provider wrote count as none. */
export function decodePrivate(bytes: Uint8Array): Private {
  // An object has none in half of all calls, and an exception costs more than everything else in a call.
  if (bytes.length === 0) return {};
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Private) : {};
  } catch {
    return {};
  }
}

export function toWireDiagnostics(diagnostics: readonly Diagnostic[]): WireDiagnostic[] {
  return diagnostics.map(({ severity, summary, detail, attribute }) => ({
    severity: Severity[severity],
    summary,
    detail: detail ?? '',
    ...(attribute === undefined ? {} : { attribute: toWirePath(attribute) }),
  }));
}

/** The first step is an attribute; after it, strings are keys of maps. */
export function toWirePath(attribute: string | AttributePath): WirePath {
  const path = typeof attribute === 'string' ? [attribute] : attribute;
  return {
    steps: path.map((step, index) => {
      if (typeof step === 'number') return { elementKeyInt: step };
      if (typeof step === 'object') return { attributeName: step.attribute };
      return index === 0 ? { attributeName: step } : { elementKeyString: step };
    }),
  };
}

export function toWireSchema(
  version: number,
  attributes: readonly Attribute[],
  description = '',
): WireSchema {
  return {
    version,
    block: {
      version,
      description,
      descriptionKind: MARKDOWN,
      attributes: attributes.map(toWireAttribute),
    },
  };
}

/** A type as schemas hold it. */
export function toWireType(type: Type): Uint8Array {
  return Buffer.from(JSON.stringify(typeToJson(type)));
}

function toWireAttribute(attribute: Attribute): WireAttribute {
  const { nested } = attribute;
  return {
    name: attribute.name,
    // One of the two says what values look like.
    ...(nested === undefined
      ? { type: toWireType(attribute.type) }
      : { nestedType: { attributes: nested.map(toWireAttribute), nesting: Nesting.map } }),
    description: attribute.description,
    descriptionKind: MARKDOWN,
    required: attribute.required ?? false,
    optional: attribute.optional ?? false,
    computed: isComputed(attribute),
    sensitive: attribute.sensitive ?? false,
    writeOnly: attribute.writeOnly !== undefined,
  };
}
