import { sentence } from '../../../model/error-text';
import { fieldNames } from '../../../model/field';
import { externalName } from '../../../model/names';
import type { CanonicalSchema, SchemaDeclaration } from '../../../model/schema-declaration';
import { schemaFields } from '../../../model/schema-declaration';
import { schemaProblems, schemaTypes } from '../../../schema';
import type { LiveSchema } from '../../reconcile';
import { isSameStack, messageStructNameOf, schemaKind } from '../../reconcile';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Diagnostic } from '../framework/diagnostics';
import type { PlanRequest } from '../framework/resource';
import { attributesOfTable, declarationOfValues, declaredOwnerOf, hasUnknownAttribute } from './attributes';
import { problemDiagnostics } from './diagnose';
import { resourceOf } from './kind-resource';
import type { KindResource } from './particulars';
import { leaving } from './schema-enforcement';
import type { Session } from './session';

const attributes: Attribute[] = [
  ...attributesOfTable(schemaFields).map((attribute) =>
    attribute.name === 'message_struct_name' ? { ...attribute, computed: true as const } : attribute,
  ),
  {
    name: 'uid',
    type: t.string,
    computed: true,
    description: "The broker's own identifier of the schema; a recreated schema gets another one.",
  },
  {
    name: 'version',
    type: t.number,
    computed: true,
    follows: ['content', 'message_struct_name'],
    description: 'Number of the active version.',
  },
];

/** What is particular to schemas. */
export const schemaParticulars: KindResource<SchemaDeclaration, CanonicalSchema, LiveSchema> = {
  typeName: 'memphis_schema',
  description: 'A schema of a Memphis broker, which stations can enforce on their messages.',
  attributes,
  nameAttribute: 'name',
  validate,
  computed: ({ id, activeVersion }) => ({ uid: String(id), version: activeVersion.versionNumber }),
  defaults,
  unaffected: (changed, prior): Values =>
    changed.includes('content') || changed.includes('messageStructName')
      ? {}
      : { version: prior.version ?? null },
  removal: async ({ client, prior }) => ({
    movesOn: client !== undefined && prior !== null && (await allStationsLeave(client, prior)),
  }),
  becomes: () => 'The declared content becomes its active version; its older versions stay.',
};

export const schemaResource = resourceOf(schemaKind, schemaParticulars);

function validate(config: Values): Diagnostic[] {
  const diagnostics = problemDiagnostics(schemaFields, [], config);
  const { type, content } = declarationOfValues<SchemaDeclaration>(schemaFields, config);
  if (type === undefined || content === undefined || !schemaTypes.includes(type)) return diagnostics;
  const problems = schemaProblems(type, content).map((problem): Diagnostic => ({
    severity: 'error',
    summary: 'Invalid schema',
    detail: sentence(problem),
    attribute: 'content',
  }));
  return [...diagnostics, ...problems];
}

/**
 * True when the same plan takes a schema from all stations that enforce it. Where owners are recorded, the apply finds
 * it out by itself, but for the enforcements whose records an interrupted run has removed already.
 */
async function allStationsLeave(session: Session, prior: Values): Promise<boolean> {
  const { run, planned } = session;
  if (!run.isPlanning) return false;
  const { owner } = declaredOwnerOf(prior);
  const records = owner === '' ? undefined : await run.recordsOf('enforcement');
  const { stations } = await run.snapshot();
  const name = externalName(stringAt(prior, 'name') ?? '');
  const enforcing = [...stations.values()].flatMap(({ row }) => (row.schemaName === name ? [row.name] : []));
  const owners = enforcing.map((station) => records?.get(station)?.owner);
  if (owners.some((each) => each !== undefined && !isSameStack(each, owner))) return false;
  const unrecorded = enforcing.filter((_, index) => owners[index] === undefined);
  const leave = await Promise.all(unrecorded.map((station) => planned.hasCome(leaving(station))));
  return unrecorded.length > 0 && leave.every(Boolean);
}

/** The message that is meant depends on the content, so it is put in here, and again when the content changes. */
function defaults({ config }: PlanRequest<Session>): Values {
  if (config === null || hasUnknownAttribute(config, fieldNames(schemaFields))) return {};
  const declared = declarationOfValues<SchemaDeclaration>(schemaFields, config) as SchemaDeclaration;
  return { message_struct_name: messageStructNameOf(declared) || null };
}
