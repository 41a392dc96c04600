import { isWhollyKnown } from '../cty/value';
import type { CallName, StreamingCallName } from '../wire/call-names';
import type { Handlers, StreamHandlers } from '../wire/messages';
import { calls, streamingCalls } from '../wire/messages';
import type { Log } from '../wire/log';
import { ConfiguredClient } from './client';
import { dataSourceCalls } from './data-source-calls';
import type { Diagnostic } from './diagnostics';
import { diagnosticOf } from './diagnostics';
import { functionCalls, toWireFunctions } from './function-calls';
import { identityCalls } from './identity-calls';
import { listCalls, validateListCalls } from './list-calls';
import type { Provider } from './resource';
import { resourceCalls } from './resource-calls';
import { providerDefects } from './schema-rules';
import { ObjectCodec, toWireDiagnostics, toWireSchema } from './wire-forms';

/** What answers the calls of protocol 6: request bytes in, response bytes out. */
export interface Service {
  readonly answer: (call: string, request: Uint8Array) => Promise<Buffer>;
  /** Answers a call with any number of messages. */
  readonly stream: (call: string, request: Uint8Array) => AsyncIterable<Buffer>;
}

/**
 * Answers the calls of protocol 6 for one provider.
 * @param orphaned aborted when Terraform is gone while calls are running
 */
export function createService<Client>(
  provider: Provider<Client>,
  log: Log,
  orphaned: AbortSignal = new AbortController().signal,
): Service {
  const client = new ConfiguredClient<Client>();
  const handlers: Handlers = {
    ...providerCalls(provider, client, orphaned),
    ...resourceCalls(provider.resources, client),
    ...dataSourceCalls(provider.dataSources ?? [], client),
    ...functionCalls(provider.functions ?? []),
    ...identityCalls(provider.resources),
    ...validateListCalls(provider.listResources ?? []),
  };
  const streams: StreamHandlers = listCalls(provider, client);
  return {
    answer: (call, request) => {
      log.debug('call', { call });
      return answer(handlers, call as CallName, request, log);
    },
    async *stream(call, bytes) {
      log.debug('call', { call });
      const { request, response } = streamingCalls[call as StreamingCallName];
      for await (const event of streams[call as StreamingCallName](request.decode(bytes)))
        yield response.encode(event);
    },
  };
}

async function answer(handlers: Handlers, call: CallName, request: Uint8Array, log: Log): Promise<Buffer> {
  const { request: decoder, response: encoder } = calls[call];
  const decoded = decoder.decode(request);
  let response: object;
  try {
    response = await handlers[call](decoded as never);
  } catch (error) {
    // What authors throw is caught closer to the object; this is for what the framework itself trips over.
    const diagnostic = diagnosticOf(error);
    log.error(`${call} failed`, { summary: diagnostic.summary });
    response = { diagnostics: toWireDiagnostics([diagnostic]) };
  }
  return encoder.encode(response);
}

type ProviderCall = 'GetProviderSchema' | 'ValidateProviderConfig' | 'ConfigureProvider' | 'StopProvider';

function providerCalls<Client>(
  provider: Provider<Client>,
  client: ConfiguredClient<Client>,
  orphaned: AbortSignal,
): Pick<Handlers, ProviderCall> {
  const codec = new ObjectCodec(provider.attributes);
  const sources = provider.dataSources ?? [];
  return {
    GetProviderSchema: () => {
      return {
        serverCapabilities: { planDestroy: true, getProviderSchemaOptional: true },
        provider: toWireSchema(0, provider.attributes),
        resourceSchemas: Object.fromEntries(
          provider.resources.map((resource) => [
            resource.typeName,
            toWireSchema(resource.schemaVersion, resource.attributes, resource.description),
          ]),
        ),
        dataSourceSchemas: Object.fromEntries(
          sources.map((source) => [source.typeName, toWireSchema(0, source.attributes, source.description)]),
        ),
        functions: toWireFunctions(provider.functions ?? []),
        listResourceSchemas: Object.fromEntries(
          (provider.listResources ?? []).map(({ typeName, attributes, description }) => [
            typeName,
            toWireSchema(0, attributes, description),
          ]),
        ),
        diagnostics: toWireDiagnostics(providerDefects(provider).map(defectDiagnostic)),
      };
    },
    ValidateProviderConfig: () => ({}),
    ConfigureProvider: async ({ config }) => {
      const values = codec.decodeExisting(config);
      client.current = undefined;
      if (!isWhollyKnown(values)) return {};
      try {
        client.current = await provider.configure(values, orphaned);
        return {};
      } catch (error) {
        return { diagnostics: toWireDiagnostics([diagnosticOf(error)]) };
      }
    },
    StopProvider: () => {
      if (client.current !== undefined) provider.stop?.(client.current);
      return {};
    },
  };
}

function defectDiagnostic(problem: string): Diagnostic {
  return {
    severity: 'error',
    summary: `Wrong schema: ${problem}`,
    detail: 'This is a defect of the provider; please report it.',
  };
}
