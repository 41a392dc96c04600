import { terraformName } from '../../../../model/field';
import { restoredStationFields, stationFields } from '../../../../model/station';
import { stationOptionFields } from '../../../../model/station-set';
import { t } from '../../cty/type';
import type { Attribute } from '../../framework/attribute';
import { mapOf } from '../../framework/attribute';
import { attributesOfTable, restoredAttributes } from '../attributes';

/** The options, for all stations of a set or for one: nothing is filled in, so that what is left out stays left out. */
const options: Attribute[] = attributesOfTable(stationOptionFields).map(({ name, type, description }) => ({
  name,
  type,
  description,
  optional: true,
}));

/** The names of the attributes that are options. */
export const optionAttributes: readonly string[] = options.map(({ name }) => name);

/** What somebody gave to stations that none has by itself: for each of those stations, under its name, what was found. */
const restored: Attribute[] = restoredAttributes(restoredStationFields).map(({ type, ...attribute }) => ({
  ...attribute,
  type: t.map(type),
  description: `By name of the station: ${attribute.description}`,
}));

/** The names of these attributes. */
export const restoredNames: readonly string[] = restored.map(({ name }) => name);

/**
 * The attributes of a set. What all stations have in common stands once, and a station that differs in `overrides`: what
 * Terraform needs for a plan grows with the number of values.
 */
export const setAttributes: Attribute[] = [
  {
    name: 'stations',
    // Terraform compares the elements of a set, after an apply and to show a plan, each with each.
    type: t.map(t.string),
    required: true,
    description:
      'The stations by name; case does not matter. The value is the entry of `overrides` that the station shares with others, or "" for that of its own name, if any. Adding or removing a station changes that one alone.',
  },
  ...options,
  {
    name: 'overrides',
    ...mapOf(options),
    optional: true,
    description:
      'The options of the stations that differ, by name of the station, or by any name that stations give as their value. What a station leaves out is that of the set. An empty dls_station or schema_name means none.',
  },
  {
    name: 'schema_uids',
    type: t.map(t.string),
    optional: true,
    description:
      'The uids of the schemas that stations enforce, by name, so that a recreated schema is enforced again in the same run.',
  },
  {
    name: 'release',
    type: t.set(t.string),
    optional: true,
    description:
      'Names of stations that stay on the broker, without an owner, when they are taken out of `stations`.',
  },
  {
    name: terraformName('owner'),
    type: t.string,
    optional: true,
    description: stationFields.owner.description,
  },
  {
    name: 'uids',
    type: t.map(t.string),
    computed: true,
    description:
      "The broker's own identifier of each station, by name; a recreated station gets another one.",
  },
  {
    name: 'damaged',
    type: t.set(t.string),
    computed: true,
    description:
      'Names of the stations of which a partition is missing or accepts no messages; the next deploy repairs them.',
  },
  ...restored,
];
