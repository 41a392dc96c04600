// Plays Terraform for one provider: calls the service with messages, without a process or a socket.
import type { CallName } from '../../../../src/runtime/provider/wire/call-names';
import { Log } from '../../../../src/runtime/provider/wire/log';
import type { Calls, WireValue } from '../../../../src/runtime/provider/wire/messages';
import { calls, streamingCalls } from '../../../../src/runtime/provider/wire/messages';
import type { Attribute } from '../../../../src/runtime/provider/framework/attribute';
import { ObjectCodec } from '../../../../src/runtime/provider/framework/wire-forms';
import type { Provider, Resource } from '../../../../src/runtime/provider/framework/resource';
import type { Service } from '../../../../src/runtime/provider/framework/service';
import { createService } from '../../../../src/runtime/provider/framework/service';
import type { Values } from '../../../../src/runtime/provider/cty/value';

type Encodable<C extends CallName> = Parameters<Calls[C]['request']['encode']>[0];
type Answer<C extends CallName> = ReturnType<Calls[C]['response']['decode']>;

/** A diagnostic in short: severity, summary, detail and the first step of its path. */
export interface Finding {
  readonly severity: number;
  readonly summary: string;
  readonly detail: string;
  readonly attribute: string | undefined;
}

export class Host<Client> {
  private readonly service: Service;

  constructor(private readonly provider: Provider<Client>) {
    this.service = createService(provider, new Log('provider.test', {}));
  }

  async call<C extends CallName>(name: C, request: Encodable<C>): Promise<Answer<C>> {
    const { request: encoder, response: decoder } = calls[name];
    return decoder.decode(await this.service.answer(name, encoder.encode(request))) as Answer<C>;
  }

  /** All that a query gets. */
  async list(
    typeName: string,
    config: Values,
    options: { readonly includeResourceObject?: boolean; readonly limit?: number } = {},
  ) {
    const { request, response } = streamingCalls.ListResource;
    const list = this.provider.listResources?.find((each) => each.typeName === typeName);
    const identity = this.provider.resources.find((each) => each.typeName === typeName)?.identity;
    const bytes = request.encode({
      typeName,
      config: new ObjectCodec(list?.attributes ?? []).encode(config),
      ...options,
    });
    const events = [];
    for await (const event of this.service.stream('ListResource', bytes)) {
      const decoded = response.decode(event);
      events.push({
        displayName: decoded.displayName,
        identity: new ObjectCodec(identity?.attributes ?? []).decode(decoded.identity?.identityData),
        state: this.codecOf(typeName).decode(decoded.resourceObject),
        findings: findings(decoded.diagnostics),
      });
    }
    return events;
  }

  async configure(values: Values): Promise<Finding[]> {
    const config = new ObjectCodec(this.provider.attributes).encode(values);
    return findings((await this.call('ConfigureProvider', { config })).diagnostics);
  }

  async plan(
    typeName: string,
    config: Values | null,
    prior: Values | null = null,
    priorPrivate: object = {},
  ) {
    const codec = this.codecOf(typeName);
    const answer = await this.call('PlanResourceChange', {
      typeName,
      priorState: codec.encode(prior),
      config: codec.encode(config),
      // What Terraform proposes is not looked at, apart from its being null.
      proposedNewState: codec.encode(config),
      priorPrivate: Buffer.from(JSON.stringify(priorPrivate)),
    });
    return {
      planned: codec.decode(answer.plannedState),
      requiresReplace: answer.requiresReplace.map(({ steps }) => steps[0]?.attributeName),
      private: json(answer.plannedPrivate),
      findings: findings(answer.diagnostics),
    };
  }

  async apply(
    typeName: string,
    change: { prior?: Values | null; planned: Values | null; config?: Values | null; private?: object },
  ) {
    const codec = this.codecOf(typeName);
    const answer = await this.call('ApplyResourceChange', {
      typeName,
      priorState: codec.encode(change.prior ?? null),
      plannedState: codec.encode(change.planned),
      config: codec.encode(change.config ?? change.planned),
      plannedPrivate: Buffer.from(JSON.stringify(change.private ?? {})),
    });
    return this.step(codec, answer.newState, answer);
  }

  async read(typeName: string, state: Values, kept: object = {}) {
    const codec = this.codecOf(typeName);
    const answer = await this.call('ReadResource', {
      typeName,
      currentState: codec.encode(state),
      private: Buffer.from(JSON.stringify(kept)),
    });
    return this.step(codec, answer.newState, answer);
  }

  codecOf(typeName: string): ObjectCodec {
    const found = [...this.provider.resources, ...(this.provider.dataSources ?? [])].find(
      (each) => each.typeName === typeName,
    );
    return new ObjectCodec(found?.attributes ?? []);
  }

  private step(
    codec: ObjectCodec,
    state: WireValue | undefined,
    answer: { readonly private: Uint8Array; readonly diagnostics: Answer<'ReadResource'>['diagnostics'] },
  ) {
    return {
      state: codec.decode(state),
      private: json(answer.private),
      findings: findings(answer.diagnostics),
    };
  }
}

export function findings(diagnostics: Answer<'ReadResource'>['diagnostics']): Finding[] {
  return diagnostics.map(({ severity, summary, detail, attribute }) => ({
    severity,
    summary,
    detail,
    attribute: attribute?.steps[0]?.attributeName,
  }));
}

function json(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? {} : JSON.parse(Buffer.from(bytes).toString());
}

/** A provider with one resource, whose client is whatever `configure` was given. */
export function providerOf(
  resource: Resource<Values>,
  attributes: readonly Attribute[] = [],
): Provider<Values> {
  return { attributes, resources: [resource], configure: (config) => config };
}
