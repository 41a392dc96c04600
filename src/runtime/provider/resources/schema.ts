import { AlreadyExistsError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import { fieldNames } from '../../../model/field';
import type { SchemaDeclaration } from '../../../model/schema-declaration';
import { schemaFields } from '../../../model/schema-declaration';
import { canonicalContent, schemaProblems, schemaTypes } from '../../../schema';
import type { LiveSchema } from '../../reconcile';
import {
  continueExisting,
  createSchema,
  destroySchema,
  isAnother,
  messageStructNameOf,
  observeSchema,
  recordOwner,
  sameSchemaText,
  updateSchema,
} from '../../reconcile';
import { t } from '../cty/type';
import type { Value, Values } from '../cty/value';
import { numberAt, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Diagnostic } from '../framework/diagnostics';
import type { Outcome, PlanAdjustment, PlanRequest, Resource } from '../framework/resource';
import { attributesOf, claimOf, declarationOf, hasUnknown } from './attributes';
import { isReplacing, secondClaim, secondHalfMemory } from './second-claim';
import { diagnosticFor, explained, problemDiagnostics } from './diagnose';
import type { Session } from './session';

const attributes: Attribute[] = [
  ...attributesOf(schemaFields).map((attribute) =>
    attribute.name === 'message_struct_name' ? { ...attribute, computed: true as const } : attribute,
  ),
  {
    name: 'uid',
    type: t.string,
    computed: true,
    description: "The broker's own identifier of the schema; a schema that is made anew gets another one.",
  },
  {
    name: 'version',
    type: t.number,
    computed: true,
    onUpdate: { follows: ['content', 'message_struct_name'] },
    description: 'Number of the version that is active.',
  },
];

export const schemaResource: Resource<Session> = {
  typeName: 'memphis_schema',
  schemaVersion: 0,
  description: 'A schema of a Memphis broker, which stations can enforce on their messages.',
  attributes,
  validate,
  read: (session, state, known) =>
    explained(() => session.readHere(state, known, () => read(session, state))),
  plan: (request) => explained(() => plan(request)),
  create: (session, { planned }) =>
    explained(async () => {
      session.changing();
      const live = await createSchema(session.admin, declaration(planned), claimOf(planned));
      return { ...outcome(planned, live), private: await session.identity() };
    }),
  update: (session, { planned }) =>
    explained(async () => {
      session.changing();
      const live = await updateSchema(session.admin, declaration(planned));
      await recordOwner(
        session.admin,
        { kind: 'schema', name: live.name, uid: String(live.id) },
        claimOf(planned),
      );
      return { ...outcome(planned, live), private: await session.identity() };
    }),
  delete: (session, { prior }) =>
    explained(async () => {
      session.changing();
      await destroySchema(session.admin, stringAt(prior, 'name') ?? '', stringAt(prior, 'uid'));
      return undefined;
    }),
  import: (session, id) =>
    explained(async () => {
      const live = await observeSchema(session.admin, id);
      return { state: live === undefined ? null : liveState(live) };
    }),
};

function validate(config: Values): Diagnostic[] {
  const diagnostics = problemDiagnostics(schemaFields, [], config);
  const { type, content } = declarationOf<SchemaDeclaration>(schemaFields, config);
  if (type === undefined || content === undefined || !schemaTypes.includes(type)) return diagnostics;
  const problems = schemaProblems(type, content).map((problem): Diagnostic => ({
    severity: 'error',
    summary: 'Illegal schema',
    detail: problem,
    attribute: 'content',
  }));
  return [...diagnostics, ...problems];
}

async function read(session: Session, state: Values): Promise<Outcome> {
  const name = externalName(stringAt(state, 'name') ?? '');
  const row = (await session.live()).schemas.get(name);
  if (row === undefined) return { state: null };
  // Another id: ours was removed, and somebody made another one of its name, which is not ours to change.
  const known = stringAt(state, 'uid');
  if (isAnother(known, row.id)) return { state: null };
  // A version never changes, so there is nothing to read when the active one is the one that the state describes.
  if (String(row.id) === known && row.activeVersionNumber === numberAt(state, 'version')) {
    return { state };
  }
  const live = await observeSchema(session.admin, name);
  return live === undefined ? { state: null } : outcome(state, live);
}

/** The state after the broker was looked at: a text that means the same keeps the spelling it has. */
function outcome(stateBefore: Values, live: LiveSchema): Outcome {
  const found = liveState(live);
  const expected = declaration(stateBefore);
  const keepsText =
    live.type === expected.type &&
    canonicalContent(live.type, live.activeVersion.content) === canonicalContent(live.type, expected.content);
  return {
    state: {
      ...found,
      owner: stateBefore.owner ?? null,
      adopt_existing: stateBefore.adopt_existing ?? false,
      name: externalName(expected.name) === live.name ? expected.name : live.name,
      content: keepsText ? expected.content : live.activeVersion.content,
    },
  };
}

function liveState(live: LiveSchema): Values {
  return {
    name: live.name,
    type: live.type,
    content: live.activeVersion.content,
    message_struct_name: live.type === 'protobuf' ? live.activeVersion.messageStructName : null,
    uid: String(live.id),
    version: live.activeVersion.versionNumber,
    adopt_existing: false,
    owner: null,
  };
}

function declaration(values: Values): SchemaDeclaration {
  return declarationOf<SchemaDeclaration>(schemaFields, values) as SchemaDeclaration;
}

async function plan(request: PlanRequest<Session>): Promise<PlanAdjustment> {
  const { planned, config, prior } = request;
  const memory = secondHalfMemory(request);
  const second = secondClaim(request, 'schema', 'name', externalName);
  if (second !== undefined) return { private: memory, diagnostics: [second] };
  if (planned === null) return {};
  if (hasUnknown(config ?? {}, fieldNames(schemaFields))) return { private: memory };
  // The default depends on the text, so it is put in here, and again when the text changes.
  const declared = declaration(config ?? {});
  const adjusted: Record<string, Value> = { message_struct_name: messageStructNameOf(declared) || null };
  if (prior !== null) Object.assign(adjusted, unchanged(prior, declared));
  return { planned: adjusted, private: memory, diagnostics: await existing(request, declared) };
}

/** A text that differs in form only is no change, and neither is a name in other letters. */
function unchanged(prior: Values, declared: SchemaDeclaration): Values {
  const before = declaration(prior);
  const values: Record<string, Value> = {};
  if (externalName(before.name) === externalName(declared.name)) values.name = before.name;
  const sameText =
    before.type === declared.type &&
    sameSchemaText({ content: before.content, messageStructName: messageStructNameOf(before) }, declared);
  if (sameText) Object.assign(values, { content: before.content, version: prior.version ?? null });
  return values;
}

async function existing(request: PlanRequest<Session>, declared: SchemaDeclaration): Promise<Diagnostic[]> {
  const { client: session, action, priorPrivate } = request;
  if (action !== 'create' || isReplacing(priorPrivate) || !session?.isPlanning) return [];
  const name = externalName(declared.name);
  const row = (await session.live()).schemas.get(name);
  if (row === undefined) return [];
  try {
    const claim = claimOf(request.planned ?? {});
    const continuation = await continueExisting(
      session.admin,
      { kind: 'schema', name, uid: String(row.id) },
      claim,
    );
    return [notice(name, continuation)];
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    return session.claimed.refuse('schema', name) ? [diagnosticFor(error, 'name')] : [];
  }
}

function notice(name: string, continuation: 'unfinished' | 'adopted'): Diagnostic {
  const why =
    continuation === 'adopted'
      ? 'It is on the broker already and is taken over (adoptExisting).'
      : 'It is on the broker already: an earlier run of this declaration made it and did not come to its end.';
  return {
    severity: 'warning',
    summary: `Schema "${name}" exists and is ${continuation === 'adopted' ? 'adopted' : 'gone on with'}`,
    detail: `${why} The declared text becomes its active version; its older versions stay.`,
  };
}
