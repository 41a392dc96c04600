import type { Handlers } from '../wire/messages';
import type { ConfiguredClient } from './client';
import { diagnosticOf, findingsOf } from './diagnostics';
import type { DataSource } from './resource';
import { ObjectCodec, toWireDiagnostics } from './wire-forms';

type DataSourceCall = 'ValidateDataResourceConfig' | 'ReadDataSource';

/** The calls about data sources. */
export function dataSourceCalls<Client>(
  sources: readonly DataSource<Client>[],
  client: ConfiguredClient<Client>,
): Pick<Handlers, DataSourceCall> {
  const byName = new Map(
    sources.map((source) => [source.typeName, { source, codec: new ObjectCodec(source.attributes) }]),
  );
  const find = (typeName: string) => {
    const found = byName.get(typeName);
    if (found === undefined) throw new Error(`This provider has no data source ${typeName}.`);
    return found;
  };
  return {
    ValidateDataResourceConfig: async ({ typeName, config }) => {
      const { source, codec } = find(typeName);
      return { diagnostics: toWireDiagnostics(await findingsOf(source, codec.decodeExisting(config))) };
    },
    ReadDataSource: async ({ typeName, config }) => {
      const { source, codec } = find(typeName);
      try {
        const given = codec.decodeExisting(config);
        const { state, diagnostics = [] } = await source.read(client.neededTo(`look up ${typeName}`), given);
        return { state: codec.encode({ ...given, ...state }), diagnostics: toWireDiagnostics(diagnostics) };
      } catch (error) {
        return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
  };
}
