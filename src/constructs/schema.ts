import type { Construct } from 'constructs';
import { ValidationError } from '../model/errors';
import type { CompiledSchema, SchemaType } from '../schema';
import { compileSchema, schemaProblems, schemaTypes } from '../schema';
import type { Compatibility } from '../model/schema-compatibility';
import type { SchemaDeclaration } from '../model/schema-declaration';
import { schemaFields } from '../model/schema-declaration';
import { literalText } from './attributes';
import { ForeignObject } from './foreign-object';
import type { IResolvable, TerraformMetaArguments, TerraformProvider } from './framework';
import type { ImportableResource } from './framework';
import { Token } from './framework';
import type { ISchema } from './named-object';
import { importable } from './memphis-resource';
import { NamedObject } from './named-object';
import { givenResourceProps } from './given-props';
import type { LooseSource, SchemaSource } from './schema-source';
import type { Inputs } from './inputs';
import { addInputs } from './inputs';
import type { ReadProps } from './memphis-resource';
import { shownValue } from '../model/validation';
import { readSource } from './schema-source';

/** Everything about a schema except its text. */
export interface SchemaSettings extends TerraformMetaArguments {
  /**
   * Name of the schema; case does not matter.
   *
   * Must be a schema name: 1 to 32 of a-z 0-9 _ . -, starting and ending with a letter or digit.
   *
   * Changing this forces replacement: Memphis cannot rename a schema.
   */
  readonly name: string;

  /** Which former versions a change has to go on working with. */
  readonly compatibility?: Compatibility | IResolvable;

  /**
   * Allows this declaration to adopt an existing, unowned object of the same name. The plan shows what would change
   * on it; it refuses a difference that forces replacement or loses messages.
   *
   * @default false
   */
  readonly adoptExisting?: boolean | IResolvable;
}

/** A schema: its name, and its text in the stack or in a file. */
export type SchemaProps = SchemaSettings & SchemaSource;

/** For each prop the value as given, such as `fileInput`, and `resetFile()`, which leaves it out. */
export interface Schema extends Inputs<SchemaInputs> {}

/**
 * A schema on a Memphis broker, in one of four languages. Its text is checked and compiled at synth.
 *
 * Import id: the name of the schema.
 *
 * @example
 * new Schema(this, 'order', { name: 'order', file: 'stacks/orders/order.schema.json' });
 */
export class Schema extends NamedObject<SchemaDeclaration, SchemaInputs> implements ISchema {
  /** Type of the resource in Terraform. */
  static readonly tfResourceType = 'memphis_schema';

  /**
   * A schema that is managed elsewhere, to be named in enforcements. Nothing is rendered for it, and this stack never
   * changes or removes it.
   * @param name the name on the broker
   */
  static fromName(scope: Construct, id: string, name: string): ISchema {
    return new ForeignObject(scope, id, 'Schema', name);
  }

  /**
   * Writes the code that imports an existing schema, for `cdktf plan` and `cdktf import`.
   * @param importFromId name of the schema
   */
  static generateConfigForImport(
    scope: Construct,
    importToId: string,
    importFromId: string,
    provider?: TerraformProvider,
  ): ImportableResource {
    return importable(Schema.tfResourceType, scope, importToId, importFromId, provider);
  }

  constructor(scope: Construct, id: string, props: SchemaProps) {
    super(scope, id, {
      terraformResourceType: Schema.tfResourceType,
      fields: schemaFields,
      given: givenResourceProps<SchemaInputs>(props, schemaProps),
      read: readProps,
    });
  }

  /** A reference to the language of the schema. */
  get type(): string {
    return this.referenceTo('type');
  }
  set type(value: SchemaType) {
    this.change('type', value);
  }

  /** A reference to the text of the schema. */
  get content(): string {
    return this.referenceTo('content');
  }
  set content(value: string) {
    this.change('content', value);
  }

  /** A reference to the protobuf message that stations exchange. */
  get messageStructName(): string {
    return this.referenceTo('message_struct_name');
  }
  set messageStructName(value: string) {
    this.change('messageStructName', value);
  }

  /** The file that the schema is read from; undefined when the stack holds it. */
  get file(): string | undefined {
    return this.given('file');
  }
  set file(value: string | undefined) {
    this.change('file', value);
  }

  /** Which former versions a change has to keep working with; undefined when none is given. */
  get compatibility(): Compatibility | IResolvable | undefined {
    return this.given('compatibility');
  }
  set compatibility(value: Compatibility | IResolvable | undefined) {
    this.change('compatibility', value);
  }

  /** Whether the declaration may adopt an existing schema; false unless it is given. */
  get adoptExisting(): boolean | IResolvable {
    return this.given('adoptExisting') ?? false;
  }
  set adoptExisting(value: boolean | IResolvable) {
    this.change('adoptExisting', value);
  }

  /** A reference to the number of the active version, counted from 1; each change of the text makes one more. */
  get version(): number {
    return this.getNumberAttribute('version');
  }

  /** @internal The schema ready to check messages; undefined while it is not known, or not valid. */
  compiled(): CompiledSchema | undefined {
    return this.#compile().schema;
  }

  /** @internal The text, when it is known at synth. */
  get literalContent(): string | undefined {
    const { content } = this.declaration;
    return isText(content) ? content : undefined;
  }

  /** @internal */
  protected override renderedValues(): Partial<SchemaDeclaration> {
    const content = this.literalContent;
    const values = super.renderedValues();
    // The text is data: only a value of the framework in it is meant for Terraform.
    return content === undefined ? values : { ...values, content: literalText(content) };
  }

  /** @internal */
  protected override problemsOfValues(): string[] {
    return [...super.problemsOfValues(), ...this.#compile().problems];
  }

  /** Where the text stands, for its problems. */
  get #shown(): string {
    const file = this.given('file');
    return file === undefined ? 'content' : `file ${shownValue(file)}`;
  }

  #compile(): { readonly schema?: CompiledSchema; readonly problems: readonly string[] } {
    const { type, content, messageStructName } = this.declaration;
    if (!isText(content) || content === '' || !schemaTypes.includes(type)) return { problems: [] };
    if (typeof messageStructName === 'string' && type !== 'protobuf') {
      return {
        problems: [
          `messageStructName is ${JSON.stringify(messageStructName)}, but a ${type} schema has no messages to choose from; leave it out`,
        ],
      };
    }
    const inSource = (problem: string): string => `${this.#shown}: ${problem}`;
    const problems = schemaProblems(type, content);
    if (problems.length > 0) return { problems: problems.map(inSource) };
    if (messageStructName !== undefined && !isText(messageStructName)) return { problems: [] };
    try {
      const choice = messageStructName === undefined ? {} : { messageStructName };
      return { schema: compileSchema({ type, content, ...choice }), problems: [] };
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      return { problems: error.problems.map(inSource) };
    }
  }
}

/** The props of a schema, each on its own: which go together is checked at synth. */
export type SchemaInputs = Omit<SchemaSettings, keyof TerraformMetaArguments> & LooseSource;

/** Reads the props, and the file where there is one. */
function readProps(given: Partial<SchemaInputs>): ReadProps<SchemaDeclaration> {
  const { name, messageStructName, compatibility, adoptExisting } = given;
  const source = readSource(given);
  return {
    declaration: {
      // All of them may be missing; then the problems of the source, or of the values, say so.
      ...({ name, ...source.values } as Pick<SchemaDeclaration, 'name' | 'type' | 'content'>),
      ...(messageStructName === undefined ? {} : { messageStructName }),
      ...(compatibility === undefined ? {} : { compatibility: compatibility as Compatibility }),
      ...(adoptExisting === undefined ? {} : { adoptExisting: adoptExisting as boolean }),
    },
    problems: source.problems,
    // What a source does not give is said once, as a problem of the source.
    explained: source.problems.length === 0 ? [] : ['type', 'content'],
  };
}

const schemaProps = {
  construct: 'Schema',
  names: ['name', 'type', 'content', 'file', 'messageStructName', 'compatibility', 'adoptExisting'],
  first: 'name, and file or content',
};

addInputs(Schema.prototype, schemaProps.names);

/** Whether a value is a text that is known at synth. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !Token.isUnresolved(value);
}
