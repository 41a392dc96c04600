import type { Row, SchemaRow, SchemaVersion } from './rows';
import type { Table } from './table';

/** A schema as it is kept: its versions stand alone, because together they may outgrow what one message can carry. */
export interface KeptSchema extends Row, Omit<SchemaRow, 'id' | 'versions'> {
  /** Which version is active stands here, so that changing it is one write. */
  readonly activeVersion: number;
}

/** One version as it is kept. */
export interface KeptVersion extends Omit<SchemaVersion, 'isActive'> {
  readonly schemaId: number;
}

type NewVersionRow = Omit<SchemaVersion, 'id' | 'isActive'>;

/** The schemas with their versions. */
export class SchemaTable {
  readonly #versionsOf = new Map<number, KeptVersion[]>();

  readonly #schemas: Table<KeptSchema>;
  readonly #versions: Table<KeptVersion>;

  constructor(schemas: Table<KeptSchema>, versions: Table<KeptVersion>) {
    this.#schemas = schemas;
    this.#versions = versions;
  }

  /** To be called when both tables have been read. What a kill left of a schema or of a version is forgotten. */
  async restored(): Promise<void> {
    for (const version of this.#versions.all()) {
      if (this.#schemas.get(version.schemaId) === undefined) await this.#versions.remove(version.id);
      else this.#remember(version);
    }
    for (const { id } of this.#schemas.all()) if (!this.#versionsOf.has(id)) await this.#schemas.remove(id);
  }

  get size(): number {
    return this.#schemas.size;
  }

  /** Oldest first. */
  all(): SchemaRow[] {
    return this.#schemas.all().map((kept) => this.#whole(kept));
  }

  find(name: string): SchemaRow | undefined {
    const kept = this.#schemas.find(name);
    return kept === undefined ? undefined : this.#whole(kept);
  }

  /** Adds a schema with its first version, which is active. */
  async insert(schema: Omit<SchemaRow, 'id' | 'versions'>, first: NewVersionRow): Promise<SchemaRow> {
    const kept = await this.#schemas.insert({ ...schema, activeVersion: first.versionNumber });
    try {
      await this.insertVersion(kept.id, first);
    } catch (error) {
      await this.#schemas.remove(kept.id);
      throw error;
    }
    return this.#whole(kept);
  }

  async insertVersion(schemaId: number, version: NewVersionRow): Promise<void> {
    this.#remember(await this.#versions.insert({ ...version, schemaId }));
  }

  async activate(schema: SchemaRow, versionNumber: number): Promise<SchemaRow> {
    const changed = await this.#schemas.update(schema.id, { activeVersion: versionNumber });
    return changed === undefined ? schema : this.#whole(changed);
  }

  async update(id: number, change: Pick<SchemaRow, 'tags'>): Promise<SchemaRow | undefined> {
    const changed = await this.#schemas.update(id, change);
    return changed === undefined ? undefined : this.#whole(changed);
  }

  async remove(id: number): Promise<void> {
    await this.#schemas.remove(id);
    for (const version of this.#versionsOf.get(id) ?? []) await this.#versions.remove(version.id);
    this.#versionsOf.delete(id);
  }

  /** Writes another name of its author to everything that somebody made. */
  async renameAuthor(before: string, createdByUsername: string): Promise<void> {
    for (const row of this.#schemas.all()) {
      if (row.createdByUsername === before) await this.#schemas.update(row.id, { createdByUsername });
    }
    for (const [schemaId, versions] of this.#versionsOf) {
      const renamed = await Promise.all(
        versions.map(async (version) =>
          version.createdByUsername === before
            ? ((await this.#versions.update(version.id, { createdByUsername })) ?? version)
            : version,
        ),
      );
      this.#versionsOf.set(schemaId, renamed);
    }
  }

  #remember(version: KeptVersion): void {
    const known = this.#versionsOf.get(version.schemaId);
    if (known === undefined) this.#versionsOf.set(version.schemaId, [version]);
    else known.push(version);
  }

  #whole({ activeVersion, ...schema }: KeptSchema): SchemaRow {
    const versions = (this.#versionsOf.get(schema.id) ?? []).map((version) => ({
      ...version,
      isActive: version.versionNumber === activeVersion,
    }));
    return { ...schema, versions };
  }
}

/** The version that clients get. Every schema made over REST or NATS has one. */
export function activeVersion(schema: SchemaRow): SchemaVersion | undefined {
  return schema.versions.find((version) => version.isActive);
}

/** The version with the highest number. */
export function newestVersion(schema: SchemaRow): SchemaVersion | undefined {
  return schema.versions[schema.versions.length - 1];
}
