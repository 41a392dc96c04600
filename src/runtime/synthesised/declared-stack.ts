import type { ConnectionSettings } from '../../model/connection';
import type { KindName } from '../../model/kinds';

/** Where an object is declared. */
export interface DeclarationSite {
  readonly stack: string;
  /** `orders/dead-letters`; the Terraform address where cdktf did not synthesise the configuration. */
  readonly constructPath: string;
  /** `memphis_station.orders`, with the key of the instance: `memphis_station.orders["eu"]`. */
  readonly address: string;
  /** Relative to the project's folder, with forward slashes. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
}

/** The kinds of objects that a stack declares. */
export type DeclaredKind = KindName;

/** One object that a stack declares, as far as its configuration tells without Terraform and without its state. */
export interface DeclaredObject {
  readonly kind: DeclaredKind;
  readonly site: DeclarationSite;
  /** The provider that manages it, as in the configuration: `memphis`, `memphis.staging`. */
  readonly provider: string;
  /** The declared values in the words of the model; a value that is not declared is absent. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The fields whose value only Terraform can know. They are not in `values`. */
  readonly unresolved: readonly string[];
  /** The fields whose value comes from something sensitive, which no report may show. Absent: none. */
  readonly sensitive?: readonly string[];
}

/** A provider of a stack: what its configuration says about the broker; the environment gives the rest. */
export interface DeclaredProvider {
  /** `memphis`, `memphis.staging` */
  readonly key: string;
  readonly settings: ConnectionSettings;
  /** What stands before the names of its environment variables: `STAGING_`. Absent: nothing. */
  readonly envPrefix?: string;
  /** The settings whose value only Terraform can know. */
  readonly unresolved: readonly string[];
  /** What it says for all of its stations; each station may say something else. Absent: nothing. */
  readonly stationDefaults?: Pick<DeclaredObject, 'values' | 'unresolved' | 'sensitive'>;
}

/** A smoke test that a stack declares; it runs when the stack is deployed. */
export interface DeclaredTest {
  readonly name: string;
  /** The name of the station that its messages go through. */
  readonly station: string;
  readonly target: 'shadow' | 'live';
  readonly site: DeclarationSite;
}

/** What one synthesised stack declares. */
export interface DeclaredStack {
  readonly name: string;
  /** The folder that holds `cdk.tf.json`, or other configuration of Terraform; absolute. */
  readonly folder: string;
  readonly objects: readonly DeclaredObject[];
  readonly providers: readonly DeclaredProvider[];
  /** Absent where nobody looked for them. */
  readonly tests?: readonly DeclaredTest[];
  /** Configuration that could not be resolved, as sentences: `for_each of memphis_station.x …`. */
  readonly problems: readonly string[];
  /** True when a part of the configuration was not read, so that it declares more than `objects`. */
  readonly isPartial?: true;
}

export interface SynthesisedStacksOptions {
  /** The project, or the output folder of its synth. Default: the working directory. */
  readonly folder?: string;
  /** Names of stacks; default all. */
  readonly stacks?: readonly string[];
  /** Holds `TF_VAR_*`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
