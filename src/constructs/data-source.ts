import { PROVIDER_TYPE } from '../model/provider-address';
import type { Construct } from 'constructs';
import type { FieldFacts } from '../model/field';
import { terraformName } from '../model/field';
import { problemsOf } from '../model/validation';
import { hclAttribute } from './attributes';
import type { IResolvable, TerraformMetaArguments } from './framework';
import { TerraformDataSource, isUnresolved, validateAtSynth } from './framework';
import { givenResourceProps } from './given-props';
import { packageVersion } from './package-files';

/** The arguments of Terraform that a data source takes. */
const dataSourceMetaNames = ['dependsOn', 'count', 'provider', 'lifecycle', 'forEach'] as const;

/** Arguments that every data source takes. */
export type DataSourceMetaArguments = Pick<TerraformMetaArguments, (typeof dataSourceMetaNames)[number]>;

/** What a kind of data source brings along. */
interface DataSourceKind {
  /** Name of the construct, for errors. */
  readonly construct: string;
  readonly terraformResourceType: string;
  /** The arguments by which it looks objects up. */
  readonly fields: Readonly<Record<string, FieldFacts<string>>>;
  /** The argument without which nothing can be looked up. */
  readonly first: string;
}

/** Something that Terraform looks up on a broker while it plans. It changes nothing. */
export abstract class MemphisDataSource extends TerraformDataSource {
  readonly #arguments: Readonly<Record<string, string>>;
  readonly #fields: DataSourceKind['fields'];

  /** @internal */
  protected constructor(scope: Construct, id: string, given: unknown, kind: DataSourceKind) {
    const { construct, fields, first, terraformResourceType } = kind;
    const names = Object.keys(fields);
    const { props, problems } = givenResourceProps<DataSourceMetaArguments>(
      given,
      { construct, names, first },
      dataSourceMetaNames,
    );
    super(scope, id, {
      ...props,
      terraformResourceType,
      terraformGeneratorMetadata: { providerName: PROVIDER_TYPE, providerVersion: packageVersion() },
    });
    const values = props as Readonly<Record<string, string | undefined>>;
    this.#fields = fields;
    this.#arguments = Object.fromEntries(
      names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
    );
    validateAtSynth(this, () => [
      ...problems,
      ...problemsOf(this.#arguments, { fields, isUnknown: isUnresolved, words: 'typescript' }),
    ]);
  }

  /** @internal A reference to an attribute that holds objects, for outputs and expressions. */
  protected objects(attribute: string): IResolvable {
    return this.interpolationForAttribute(attribute);
  }

  /** @internal */
  protected override synthesizeAttributes(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#arguments).map(([name, value]) => [terraformName(name), value]),
    );
  }

  /** @internal */
  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#arguments).map(([name, value]) => [
        terraformName(name),
        hclAttribute(this.#fields[name]?.type ?? 'text', value),
      ]),
    );
  }
}

/** The arguments by which a list is narrowed down. */
export const namePatternField: FieldFacts<string> = {
  type: 'text',
  description: 'Glob of the names to list: * stands for any characters, ? for one, {a,b} for either.',
  change: { how: 'policy' },
};
