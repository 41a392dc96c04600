/**
 * The four schema types of Memphis: is a content valid, do two contents mean the same, does a message fit. Importing
 * this folder loads no codec package; each is loaded when a schema of its type is first used.
 */
export { canonicalContent } from './canonical';
export { compatibilityProblems } from './compatibility/compatibility';
export type { ComparedSchema } from './compatibility/compatibility';
export { compileSchema } from './compile';
export type { SchemaDefinition } from './compile';
export type { CompiledSchema, DecodedMessage } from './compiled-schema';
export { fileDescriptorSet, firstMessageName } from './protobuf/file-descriptor';
export { schemaContentProblem, schemaProblems } from './problems';
export { messageGenerator } from './generate/generate';
export { schemaTypeOfFile, schemaTypes } from '../model/schema-type';
export type { SchemaType } from '../model/schema-type';
