import type { FieldFacts } from '../../model/field';
import { Retention } from '../../model/retention';
import { stationFields } from '../../model/station';
import type { UniqueNames } from './names';
import { UniqueNames as Unique, constructId, pascalCase, variableFor, variableNames } from './names';
import type {
  DeclaredField,
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
export function stackFile(stack: ExportedStack, withImports: boolean): Source {
  return new StackPrinter(stack, withImports).print();
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

  constructor(stack: ExportedStack, withImports: boolean) {
    this.#stack = stack;
    this.#withImports = withImports;
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
      ...stations.map((station) => this.#station(station)),
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

  #station(station: ExportedStation): Source {
    this.#imported.add('Station');
    const { name, schema, dlsStation, ignored, notes, adopts } = station;
    const properties: Property[] = station.fields.map((field) => this.#property(field, station));
    if (dlsStation !== undefined)
      properties.push({
        name: 'dlsStation',
        value: this.#stations.get(dlsStation) ?? stringLiteral(dlsStation),
      });
    if (adopts) properties.push({ name: 'adoptExisting', value: 'true' });
    if (ignored.length > 0) properties.push(this.#lifecycle(ignored));
    const isUsed = schema !== undefined || this.#stack.stations.some((other) => other.dlsStation === name);
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
    const lines = [...comments, isShort ? line : `${head}${blockObject(properties)})${chained};`];
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
