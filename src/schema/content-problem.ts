/** Something that is wrong with a schema content. */
export interface ContentProblem {
  /** As the broker says it, without its prefix for the schema type. */
  readonly broker: string;
  /** For the person who wrote the schema: what, and where. */
  readonly person: string;
}
