import type { FieldFacts } from '../../model/field';
import { Retention } from '../../model/retention';
import { stationFields } from '../../model/station';
import { commonPrefix, likeStations } from './like-stations';
import type { UniqueNames } from './names';
import { UniqueNames as Unique, constructId, pascalCase, variableFor, variableNames } from './names';
import type {
  DeclaredField,
  ExportOptions,
  ExportedSchema,
  ExportedSettings,
  ExportedStack,
  ExportedStation,
  ExportedUser,
} from './plan';
import { fileText, fitsInFile, schemaFileOf } from './schema';
import type { Property, Source } from './typescript';
import {
  PRINT_WIDTH,
  blockObject,
  callStatement,
  comment,
  importOf,
  indented,
  inlineObject,
  arraySource,
  numberLiteral,
  productLiteral,
  stringLiteral,
} from './typescript';

/** What stands in the body of the constructor has four columns before it. */
const INDENTATION = 4;

/** The name of the class of a stack. */
export function classNameOf(stack: string): string {
  return `${pascalCase(stack)}Stack`;
}

/** The file of a stack, without its folder and extension. */
export function moduleOf(stack: string): string {
  return `${stack}-stack`;
}

/** The code of one stack. */
export function stackFile(
  stack: ExportedStack,
  { withImports, withSets = false }: Pick<ExportOptions, 'withImports' | 'withSets'>,
): Source {
  return new StackPrinter(stack, withImports, withSets).print();
}

class StackPrinter {
  readonly #variables: UniqueNames = variableNames();
  readonly #ids = new Unique(['memphis'], '-');
  /** The variables of stations and schemas that something refers to. */
  readonly #stations = new Map<string, string>();
  readonly #schemas = new Map<string, string>();
  readonly #imported = new Set(['MemphisProvider']);
  #hasFiles = false;
  readonly #stack: ExportedStack;
  readonly #withImports: boolean;
  readonly #withSets: boolean;

  constructor(stack: ExportedStack, withImports: boolean, withSets: boolean) {
    this.#stack = stack;
    this.#withImports = withImports;
    this.#withSets = withSets;
  }

  print(): Source {
    const { stations, schemas, users, settings, foreignStations, foreignSchemas, name } = this.#stack;
    const foreign = [
      ...foreignStations.map((station) => this.#foreign('Station', station)),
      ...foreignSchemas.map((schema) => this.#foreign('Schema', schema)),
    ];
    const paragraphs = [
      [
        comment('The MEMPHIS_* variables say where the broker is.', INDENTATION),
        'new MemphisProvider(this, "memphis");',
      ].join('\n'),
      ...(foreign.length === 0 ? [] : [[comment('Declared elsewhere.', INDENTATION), ...foreign].join('\n')]),
      ...schemas.map((schema) => this.#schema(schema)),
      ...(this.#withSets ? likeStations(stations) : stations.map((station) => [station])).map((group) =>
        this.#stationOrSet(group),
      ),
      ...users.map((user) => this.#user(user)),
      ...(settings === undefined ? [] : [this.#settings(settings)]),
    ];
    const body = indented(paragraphs.join('\n\n'), INDENTATION);
    return [
      ...(this.#hasFiles ? [importOf(['join'], 'node:path')] : []),
      importOf(['TerraformStack'], 'cdktf'),
      importOf([...this.#imported], 'cdktf-memphis'),
      importOf(['Construct'], 'constructs', true),
      '',
      `export class ${classNameOf(name)} extends TerraformStack {`,
      '  constructor(scope: Construct, id: string) {',
      '    super(scope, id);',
      '',
      body,
      '  }',
      '}',
      '',
    ].join('\n');
  }

  /** An object of another stack, or of somebody else. */
  #foreign(kind: 'Station' | 'Schema', name: string): Source {
    this.#imported.add(kind);
    const lower = kind === 'Station' ? 'station' : 'schema';
    const variable = this.#variables.give(variableFor(name, lower));
    (kind === 'Station' ? this.#stations : this.#schemas).set(name, variable);
    const id = this.#ids.give(constructId(name, lower));
    const args = ['this', stringLiteral(id), stringLiteral(name)];
    const line = `const ${variable} = ${kind}.fromName(${args.join(', ')});`;
    if (INDENTATION + line.length <= PRINT_WIDTH) return line;
    return `const ${variable} = ${kind}.fromName(\n${args.map((arg) => indented(`${arg},`)).join('\n')}\n);`;
  }

  #schema({ name, type, text, notes, adopts }: ExportedSchema): Source {
    this.#imported.add('Schema');
    const isUsed = this.#stack.stations.some((station) => station.schema === name);
    const properties: Property[] = [{ name: 'name', value: stringLiteral(name) }];
    const written = fileText(text);
    if (fitsInFile(written)) {
      this.#hasFiles = true;
      properties.push({ name: 'file', value: `join(__dirname, ${stringLiteral(schemaFileOf(text))})` });
    } else {
      properties.push({ name: 'type', value: stringLiteral(type) });
      properties.push({ name: 'content', value: stringLiteral(text.content) });
    }
    if (text.messageStructName !== '')
      properties.push({ name: 'messageStructName', value: stringLiteral(text.messageStructName) });
    if (adopts) properties.push({ name: 'adoptExisting', value: 'true' });
    const id = this.#ids.give(constructId(name, 'schema'));
    const variable = isUsed ? this.#variables.give(variableFor(name, 'schema')) : undefined;
    if (variable !== undefined) this.#schemas.set(name, variable);
    return this.#declaration({ type: 'Schema', id, properties, variable, name, notes });
  }

  #stationOrSet(group: readonly ExportedStation[]): Source {
    const [station] = group;
    return station !== undefined && group.length === 1 ? this.#station(station) : this.#set(group);
  }

  /** Stations that differ in nothing but their names. */
  #set(stations: readonly ExportedStation[]): Source {
    this.#imported.add('StationSet');
    const names = stations.map(({ name }) => name).sort();
    const properties = stations.slice(0, 1).flatMap((first): Property[] => {
      const schema = first.schema === undefined ? undefined : this.#schemas.get(first.schema);
      return [
        ...this.#options(first),
        ...(schema === undefined ? [] : [{ name: 'schemaName', value: schema }]),
        {
          name: 'stations',
          value: arraySource(names.map(stringLiteral), INDENTATION + '  stations: '.length),
        },
      ];
    });
    const called = [commonPrefix(names), 'stations'].filter((part) => part !== '').join('-');
    const id = this.#ids.give(constructId(called, 'stations'));
    const used = names.filter((name) => this.#isDeadLetterStation(name));
    const isNamed = used.length > 0 || this.#withImports;
    const variable = isNamed ? this.#variables.give(variableFor(called, 'station')) : undefined;
    for (const name of used) this.#stations.set(name, `${variable ?? ''}.station(${stringLiteral(name)})`);
    const target = variable === undefined ? '' : `const ${variable} = `;
    const lines = [`${construction(target, 'StationSet', id, properties)};`];
    if (variable !== undefined && this.#withImports)
      lines.push(callStatement(`${variable}.importFrom`, `${variable}.stationNames.join(",")`, INDENTATION));
    return lines.join('\n');
  }

  /** What a declaration says of a station, without its schema. */
  #options(station: ExportedStation): Property[] {
    const { dlsStation, adopts } = station;
    const fields = station.fields.filter(({ name }) => name !== 'name');
    const properties = fields.map((field) => this.#property(field, station));
    if (dlsStation !== undefined)
      properties.push({
        name: 'dlsStation',
        value: inProperty('dlsStation', this.#stations.get(dlsStation) ?? stringLiteral(dlsStation)),
      });
    if (adopts) properties.push({ name: 'adoptExisting', value: 'true' });
    return properties;
  }

  #isDeadLetterStation(name: string): boolean {
    this.#deadLetterStations ??= new Set(this.#stack.stations.map(({ dlsStation }) => dlsStation));
    return this.#deadLetterStations.has(name);
  }
  #deadLetterStations: ReadonlySet<string | undefined> | undefined;

  #station(station: ExportedStation): Source {
    this.#imported.add('Station');
    const { name, schema, ignored, notes } = station;
    const properties: Property[] = [{ name: 'name', value: stringLiteral(name) }, ...this.#options(station)];
    if (ignored.length > 0) properties.push(this.#lifecycle(ignored));
    const isUsed = schema !== undefined || this.#isDeadLetterStation(name);
    const id = this.#ids.give(constructId(name, 'station'));
    const variable = isUsed ? this.#variables.give(variableFor(name, 'station')) : undefined;
    if (variable !== undefined) this.#stations.set(name, variable);
    const lines = [this.#declaration({ type: 'Station', id, properties, variable, name, notes })];
    const enforced = schema === undefined ? undefined : this.#schemas.get(schema);
    if (enforced !== undefined && variable !== undefined) {
      const enforce = `${variable}.enforce(${enforced})`;
      lines.push(
        this.#withImports
          ? callStatement(`${enforce}.importFrom`, stringLiteral(name), INDENTATION)
          : `${enforce};`,
      );
    }
    return lines.join('\n');
  }

  #user({ name, fields, ignored, notes, adopts }: ExportedUser): Source {
    this.#imported.add('User');
    const properties = fields.map(({ name: field, value }): Property => ({
      name: field,
      value: this.#value(field, value, undefined, Retention.MAX_MESSAGE_AGE_SECONDS),
    }));
    if (adopts) properties.push({ name: 'adoptExisting', value: 'true' });
    if (ignored.length > 0) properties.push(this.#lifecycle(ignored));
    const id = this.#ids.give(constructId(name, 'user'));
    return this.#declaration({ type: 'User', id, properties, variable: undefined, name, notes });
  }

  #settings({ fields }: ExportedSettings): Source {
    this.#imported.add('ClusterConfig');
    const properties = fields.map(({ name, value }): Property => ({
      name,
      value: this.#value(name, value, undefined, Retention.MAX_MESSAGE_AGE_SECONDS),
    }));
    const [type, name] = ['ClusterConfig', 'settings'] as const;
    return this.#declaration({
      type,
      id: this.#ids.give(name),
      properties,
      variable: undefined,
      name,
      notes: [],
    });
  }

  #lifecycle(ignored: readonly string[]): Property {
    const names = arraySource(
      ignored.map(stringLiteral),
      INDENTATION + '  lifecycle: { ignoreChanges: '.length,
      3,
    );
    return { name: 'lifecycle', value: inlineObject([{ name: 'ignoreChanges', value: names }]) };
  }

  #declaration({ type, id, properties, variable, name, notes }: Declaration): Source {
    const comments = notes.map((note) => comment(`${note}.`, INDENTATION));
    const target = variable === undefined ? '' : `const ${variable} = `;
    const head = `${target}new ${type}(this, ${stringLiteral(id)}, `;
    const chained = variable === undefined && this.#withImports ? `.importFrom(${stringLiteral(name)})` : '';
    const line = `${head}${inlineObject(properties)})${chained};`;
    const isShort = properties.length === 1 && INDENTATION + line.length <= PRINT_WIDTH;
    const long = `${construction(target, type, id, properties)}${chained};`;
    const lines = [...comments, isShort ? line : long];
    if (variable !== undefined && this.#withImports)
      lines.push(callStatement(`${variable}.importFrom`, stringLiteral(name), INDENTATION));
    return lines.join('\n');
  }

  #property({ name, value }: DeclaredField, { source }: ExportedStation): Property {
    const field = (stationFields as Readonly<Record<string, FieldFacts>>)[name];
    return { name, value: this.#value(name, value, field, source.settings.retentionType) };
  }

  #value(name: string, value: unknown, field: FieldFacts | undefined, retention: Retention): Source {
    if (field?.enumeration !== undefined) {
      const { name: enumeration, members } = field.enumeration;
      const member = Object.keys(members).find((each) => members[each] === value);
      this.#imported.add(enumeration);
      return `${enumeration}.${member ?? ''}`;
    }
    if (typeof value === 'number') {
      return name === 'retentionValue' ? limitLiteral(value, retention) : numberLiteral(value);
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => stringLiteral(literalText(String(item))));
      return arraySource(items, INDENTATION + 2 + `${name}: `.length);
    }
    return typeof value === 'string' ? stringLiteral(literalText(value)) : String(value);
  }
}

/** A new construct, with one line for each of its props at least, and for each argument where the first line is too long. */
function construction(target: Source, type: string, id: string, properties: readonly Property[]): Source {
  const head = `${target}new ${type}(`;
  const args = ['this', stringLiteral(id), blockObject(properties)];
  const line = `${head}${args.join(', ')})`;
  if (INDENTATION + line.indexOf('\n') <= PRINT_WIDTH) return line;
  return `${head}\n${args.map((arg) => indented(`${arg},`)).join('\n')}\n)`;
}

/** The value of a property; a call that does not fit on its line has its argument on one of its own. */
function inProperty(name: string, value: Source): Source {
  if (INDENTATION + `  ${name}: ${value},`.length <= PRINT_WIDTH) return value;
  const [, callee, argument] = /^([^(]+)\((.*)\)$/.exec(value) ?? [];
  return callee === undefined ? value : `${callee}(\n  ${argument ?? ''},\n)`;
}

interface Declaration {
  readonly type: 'Station' | 'Schema' | 'User' | 'ClusterConfig';
  readonly id: string;
  readonly properties: readonly Property[];
  readonly variable: string | undefined;
  readonly name: string;
  readonly notes: readonly string[];
}

function limitLiteral(value: number, retention: Retention): Source {
  switch (retention) {
    case Retention.MAX_MESSAGE_AGE_SECONDS:
      return productLiteral(value, value % 86_400 === 0 ? [60, 60, 24] : [60, 60]);
    case Retention.BYTES:
      return productLiteral(value, [1024, 1024, 1024]);
    default:
      return numberLiteral(value);
  }
}

/** Terraform takes `${` and `%{` for the beginning of an expression. */
function literalText(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening.charAt(0) + opening);
}
