import type { Admin } from '../admin';
import { takeInventory } from '../inventory';
import { mainFile } from './main-file';
import type { ExportOptions, ExportPlan } from './plan';
import { planExport } from './plan-export';
import { fileText, fitsInFile, readSchemaTexts, schemaFileOf } from './schema';
import { readSettings } from './settings';
import { select } from './select';
import { moduleOf, stackFile } from './stack-file';

/** The code for what is on a broker. */
export interface Export extends ExportPlan {
  /** Contents by path, which is relative and has forward slashes; sorted by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** Reads a broker and writes the program that declares what is there. The same broker gives the same code. */
export async function exportBroker(admin: Admin, options: ExportOptions): Promise<Export> {
  const inventory = await takeInventory(admin);
  const selection = select(inventory, options);
  const texts = await readSchemaTexts(admin, selection.schemas);
  const { settings, leftOut } = await readSettings(admin, options);
  const plan = planExport(inventory, selection, texts, options, settings);
  return { ...plan, leftOut: [...plan.leftOut, ...leftOut], files: filesOf(plan, options) };
}

/** The files of an export. */
function filesOf(
  { stacks }: ExportPlan,
  options: Pick<ExportOptions, 'withImports' | 'withSets'>,
): Map<string, string> {
  const files = stacks.flatMap((stack) => [
    [`${moduleOf(stack.name)}.ts`, stackFile(stack, options)] as const,
    ...stack.schemas
      .map(({ text }) => [schemaFileOf(text), fileText(text)] as const)
      .filter(([, content]) => fitsInFile(content)),
  ]);
  return new Map([['main.ts', mainFile(stacks)] as const, ...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
