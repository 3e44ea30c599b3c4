import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'yaml';
import type { z } from 'zod';

import type { ApiClient } from '../../shared/api-client.ts';
import { ApiError } from '../../shared/client/api-error.ts';
import {
  type DocumentsFileEntry,
  documentsFileSchema,
  type NamespacesFile,
  namespacesFileSchema,
} from '../../shared/knowledge-folder.ts';
import { usageMistake } from '../command-context.ts';
import { type ImportItem, type ImportPlan, reasonToRefuse } from './plan-import.ts';

type NamespaceEntry = NamespacesFile['namespaces'][number];

export type NamespacePlan = Pick<ImportPlan, 'items' | 'refused'> & { namespace: NamespaceEntry };

/**
 * What importing an export would do, by namespace. A folder without `namespaces.yaml`, such as a pack's `knowledge`,
 * gives one namespace for each folder with a `documents.yaml`, named and titled after the folder.
 * @throws CommandFailure (usage) when the folder is none of these, or a file in it is broken
 */
export async function planFolderImport(folder: string): Promise<NamespacePlan[]> {
  const listed = await readYaml(join(folder, 'namespaces.yaml'), namespacesFileSchema);
  const namespaces = listed?.namespaces ?? (await findNamespaces(folder));
  if (namespaces.length === 0)
    throw usageMistake(
      `--from: ${folder} holds no namespaces.yaml and no folder with a documents.yaml. Give a folder that "wwhd export" wrote.`,
    );
  const plans: NamespacePlan[] = [];
  for (const namespace of namespaces) plans.push(await planNamespace(folder, namespace));
  return plans;
}

async function findNamespaces(folder: string): Promise<NamespaceEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw usageMistake(`--from: cannot read ${folder} (${error.message}).`);
  });
  const found: NamespaceEntry[] = [];
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const names = await readdir(join(folder, name));
    if (names.includes('documents.yaml'))
      found.push({ name, title: name, persona: null, visibility: 'public' });
  }
  return found.sort((left, right) => left.name.localeCompare(right.name));
}

async function planNamespace(folder: string, namespace: NamespaceEntry): Promise<NamespacePlan> {
  const own = join(folder, namespace.name);
  const file = await readYaml(join(own, 'documents.yaml'), documentsFileSchema);
  if (!file)
    throw usageMistake(`--from: ${own} has no documents.yaml; the export may not have come to its end.`);
  const plan: NamespacePlan = { namespace, items: [], refused: [] };
  for (const entry of file.documents) {
    const path = join(own, entry.file);
    const fileName = `${namespace.name}/${entry.file}`;
    const size = await stat(path).then(
      (found) => (found.isFile() ? found.size : undefined),
      () => undefined,
    );
    const reason = size === undefined ? 'There is no such file.' : reasonToRefuse(size);
    if (size === undefined || reason !== undefined)
      plan.refused.push({ fileName, reason: reason ?? 'There is no such file.' });
    else plan.items.push({ path, fileName, sizeBytes: size, fields: fieldsOf(entry, namespace.name) });
  }
  return plan;
}

function fieldsOf(entry: DocumentsFileEntry, namespace: string): ImportItem['fields'] {
  const { file: _file, metadata, ...fields } = entry;
  return { namespace, ...fields, ...(metadata === undefined ? {} : { metadata_json: metadata }) };
}

/** A checked YAML file; undefined when there is none. */
async function readYaml<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  let value: unknown;
  try {
    value = parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw usageMistake(`--from: cannot read ${path} (${(error as Error).message.split('\n')[0]}).`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw usageMistake(`--from: ${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/**
 * Makes the namespaces that the server lacks; those that it has stay as they are.
 * A namespace of a persona that the server does not have goes to its first one.
 * @throws ApiError
 */
export async function ensureNamespaces(
  client: Pick<ApiClient, 'listNamespaces' | 'createNamespace' | 'updateNamespace'>,
  namespaces: readonly NamespaceEntry[],
): Promise<void> {
  const known = new Set((await client.listNamespaces()).map(({ name }) => name));
  for (const { persona, ...namespace } of namespaces) {
    if (known.has(namespace.name)) continue;
    try {
      await client.createNamespace({ ...namespace, ...(persona === null ? {} : { persona }) });
    } catch (error) {
      const isUnknownPersona = persona !== null && error instanceof ApiError && error.status === 404;
      if (!isUnknownPersona) throw error;
      await client.createNamespace(namespace);
    }
    // Without a persona the server would give it to the first one.
    if (persona === null) await client.updateNamespace(namespace.name, { persona: null });
  }
}
