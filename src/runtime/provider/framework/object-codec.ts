import { decodeValue, encodeValue } from '../cty/msgpack';
import type { Type } from '../cty/type';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { valueFromJson } from '../cty/json';
import type { WireValue } from '../wire/messages';
import type { Attribute } from './attribute';

const NULL_ON_WIRE = { msgpack: new Uint8Array([0xc0]) };

/** Translates the objects of one schema between the wire and what authors see. */
export class ObjectCodec {
  private readonly type: Type;

  constructor(attributes: readonly Attribute[]) {
    this.type = t.object(Object.fromEntries(attributes.map(({ name, type }) => [name, type])));
  }

  /** An object from the wire; a missing one is null. */
  decode(wire: WireValue | undefined): Values | null {
    if (wire === undefined || (wire.msgpack.length === 0 && wire.json.length === 0)) return null;
    const value =
      wire.msgpack.length > 0
        ? decodeValue(this.type, wire.msgpack)
        : valueFromJson(this.type, Buffer.from(wire.json).toString('utf8'));
    return value as Values | null;
  }

  /** An object from the wire that the protocol promises to be there. */
  decodeExisting(wire: WireValue | undefined): Values {
    return this.decode(wire) ?? {};
  }

  encode(values: Values | null): { readonly msgpack: Uint8Array } {
    return values === null ? NULL_ON_WIRE : { msgpack: encodeValue(this.type, values) };
  }
}
