import { isUnknown } from '../cty/value';
import type { Value, Values } from '../cty/value';
import { defaultOf } from './attribute';
import type { Diagnostic } from './diagnostics';
import { diagnosticOf, hasError } from './diagnostics';
import { actionOf, propose, settle } from './planning';
import type { Outcome, Private, Resource } from './resource';

/** The result of one step on one object. `state` null means that there is no object. */
export interface Step {
  readonly state: Values | null;
  readonly private: Private;
  readonly diagnostics: readonly Diagnostic[];
}

/** A planned change. */
export interface PlannedStep extends Step {
  readonly requiresReplace: readonly string[];
}

/** One object on its way from plan to apply, as Terraform hands it over. */
export interface ManagedChange {
  readonly prior: Values | null;
  readonly planned: Values | null;
  readonly config: Values | null;
  readonly private: Private;
}

/** Plans one change: the framework's own plan first, then what the author of the resource makes of it. */
export async function planChange<Client>(
  resource: Resource<Client>,
  client: Client | undefined,
  change: Omit<ManagedChange, 'planned'> & { readonly isDelete: boolean },
): Promise<PlannedStep> {
  const { prior, config, isDelete } = change;
  const { attributes } = resource;
  const proposal =
    isDelete || config === null ? { planned: null, requiresReplace: [] } : propose(attributes, config, prior);
  const adjustment =
    (await resource.plan?.({
      client,
      action: actionOf(attributes, prior, proposal.planned, proposal.requiresReplace),
      config,
      prior,
      planned: proposal.planned,
      requiresReplace: proposal.requiresReplace,
      priorPrivate: change.private,
    })) ?? {};
  const handedOver = {
    private: adjustment.private ?? change.private,
    diagnostics: adjustment.diagnostics ?? [],
  };
  if (proposal.planned === null || config === null)
    return { state: null, requiresReplace: [], ...handedOver };
  const { planned, requiresReplace } =
    adjustment.planned === undefined
      ? proposal
      : settle(attributes, config, prior, { ...proposal.planned, ...adjustment.planned });
  const replacing = [...new Set([...requiresReplace, ...(adjustment.requiresReplace ?? [])])];
  return {
    state: planned,
    requiresReplace: adjustment.replacesInPlace === true ? [] : replacing,
    ...handedOver,
  };
}

/**
 * Carries out one planned change and says what is true afterwards, whatever happens.
 * @param clientOf throws when there is no client
 */
export async function applyChange<Client>(
  resource: Resource<Client>,
  clientOf: () => Client,
  change: ManagedChange,
): Promise<Step> {
  try {
    const client = clientOf();
    if (change.planned === null) return await remove(resource, client, change);
    return change.prior === null
      ? await create(resource, client, change, change.planned)
      : await update(resource, client, change, change.planned, change.prior);
  } catch (error) {
    return { state: change.prior, private: change.private, diagnostics: [diagnosticOf(error)] };
  }
}

async function create<Client>(
  resource: Resource<Client>,
  client: Client,
  change: ManagedChange,
  planned: Values,
): Promise<Step> {
  const outcome = await resource.create(client, {
    config: change.config ?? {},
    planned,
    private: change.private,
  });
  return changed(resource, change, outcome, planned, {});
}

async function update<Client>(
  resource: Resource<Client>,
  client: Client,
  change: ManagedChange,
  planned: Values,
  prior: Values,
): Promise<Step> {
  if (resource.update === undefined) throw new Error(`${resource.typeName} cannot be changed in place.`);
  const outcome = await resource.update(client, {
    config: change.config ?? {},
    planned,
    prior,
    private: change.private,
  });
  return changed(resource, change, outcome, planned, prior);
}

async function remove<Client>(
  resource: Resource<Client>,
  client: Client,
  change: ManagedChange,
): Promise<Step> {
  const outcome = await resource.delete(client, { prior: change.prior ?? {}, private: change.private });
  const diagnostics = outcome?.diagnostics ?? [];
  const remaining =
    outcome === undefined || outcome.state === null ? null : { ...change.prior, ...outcome.state };
  if (remaining === null || hasError(diagnostics)) {
    return { state: remaining, private: outcome?.private ?? change.private, diagnostics };
  }
  throw new Error(
    `${resource.typeName} still exists after its deletion\nThe provider returned it without saying why. This is a defect of the provider; please report it.`,
  );
}

/**
 * The state after a create or an update. What the author left out is as planned; after an error only what the author
 * returned, and what was there before, counts as true.
 */
function changed<Client>(
  { typeName, attributes }: Resource<Client>,
  change: ManagedChange,
  outcome: Outcome,
  planned: Values,
  prior: Values,
): Step {
  const diagnostics = [...(outcome.diagnostics ?? [])];
  const kept = outcome.private ?? change.private;
  const failed = hasError(diagnostics);
  if (outcome.state === null) {
    if (!failed) {
      diagnostics.push(defect(`${typeName} does not exist after it was applied`));
    }
    return { state: null, private: kept, diagnostics };
  }
  const state: Record<string, Value> = {};
  for (const { name } of attributes) {
    const given = outcome.state[name] ?? (name in outcome.state ? null : undefined);
    const value = given ?? (given === null ? null : ((failed ? prior[name] : planned[name]) ?? null));
    if (!isUnknown(value)) state[name] = value;
    else {
      state[name] = prior[name] ?? null;
      if (!failed) diagnostics.push(defect(`${typeName}.${name} is still unknown after it was applied`));
    }
  }
  return { state, private: kept, diagnostics };
}

function defect(summary: string): Diagnostic {
  return {
    severity: 'error',
    summary,
    detail: 'The provider returned no value. This is a defect of the provider; please report it.',
  };
}

/** Reads an object again. What the author leaves out stays as stored. */
export async function readObject<Client>(
  resource: Resource<Client>,
  client: Client,
  stored: Values,
  kept: Private,
): Promise<Step> {
  const outcome = await resource.read(client, stored, kept);
  return {
    state: outcome.state === null ? null : { ...stored, ...outcome.state },
    private: outcome.private ?? kept,
    diagnostics: outcome.diagnostics ?? [],
  };
}

/** Takes an existing object over. What the author leaves out has its default, so that no change is planned for it. */
export async function importObject<Client>(
  resource: Resource<Client>,
  client: Client,
  id: string,
): Promise<Step> {
  if (resource.import === undefined) {
    throw new Error(
      `${resource.typeName} cannot be imported\nLeave the import out and declare the object only.`,
    );
  }
  const outcome = await resource.import(client, id);
  const diagnostics = outcome.diagnostics ?? [];
  if (outcome.state === null) {
    if (hasError(diagnostics)) return { state: null, private: {}, diagnostics };
    throw new Error(
      `There is no ${resource.typeName} with the id ${JSON.stringify(id)}\nCheck the id, and that the provider is configured for the right place.`,
    );
  }
  return {
    state: completeWithDefaults(resource, outcome.state),
    private: outcome.private ?? {},
    diagnostics,
  };
}

/** A state that was given in parts, completed with defaults. */
export function completeWithDefaults<Client>(resource: Resource<Client>, values: Values): Values {
  const defaults = resource.attributes.map((attribute) => [attribute.name, defaultOf(attribute)] as const);
  return { ...Object.fromEntries(defaults), ...values };
}
