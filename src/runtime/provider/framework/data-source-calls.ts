import type { Handlers } from '../wire/messages';
import type { ClientHolder } from './client';
import { unconfigured } from './client';
import { diagnosticOf } from './diagnostics';
import { ObjectCodec } from './object-codec';
import type { DataSource } from './resource';
import { judged } from './validation';
import { toWireDiagnostics } from './wire-diagnostics';

type DataSourceCall = 'ValidateDataResourceConfig' | 'ReadDataSource';

/** The calls about data sources. */
export function dataSourceCalls<Client>(
  sources: readonly DataSource<Client>[],
  holder: ClientHolder<Client>,
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
      return { diagnostics: toWireDiagnostics(await judged(codec.decodeExisting(config), source)) };
    },
    ReadDataSource: async ({ typeName, config }) => {
      const { source, codec } = find(typeName);
      try {
        if (holder.current === undefined) throw new Error(unconfigured(`look up ${typeName}`));
        const given = codec.decodeExisting(config);
        const { state, diagnostics = [] } = await source.read(holder.current, given);
        return { state: codec.encode({ ...given, ...state }), diagnostics: toWireDiagnostics(diagnostics) };
      } catch (error) {
        return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
  };
}
