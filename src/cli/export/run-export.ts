import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { stringify } from 'yaml';

import { loadPack } from '../../server/features/personas/load-pack.ts';
import type { ApiClient } from '../../shared/api-client.ts';
import type { Namespace } from '../../shared/documents.ts';
import { type NamespacesFile, namespacesFileSchema } from '../../shared/knowledge-folder.ts';
import { type CommandContext, CommandFailure, exitCodes, usageMistake } from '../command-context.ts';
import { connectToServer, readApiToken } from '../connection.ts';
import { openPack } from '../evaluation/open-pack.ts';
import { withoutControls } from '../terminal.ts';
import { copyPack } from './copy-pack.ts';
import { type ExportedNamespace, exportNamespace } from './export-namespace.ts';

export type ExportOptions = {
  out: string;
  namespace?: string;
  persona?: string;
  apiUrl?: string;
  apiToken?: string;
};

/**
 * Writes the knowledge of a server, or a persona with its knowledge, into a new folder.
 * @returns the exit code: 0 when everything was written, 1 when an original could not be fetched
 * @throws CommandFailure for wrong usage, ApiError, PackError
 */
export async function runExport(context: CommandContext, options: ExportOptions): Promise<number> {
  const { terminal } = context;
  const folder = resolve(context.folder, options.out);
  if (options.namespace !== undefined && options.persona !== undefined)
    throw usageMistake('Give --namespace or --persona, not both.');
  if (readApiToken(context, options.apiToken) === undefined)
    throw usageMistake('Exporting needs the token of a curator: set WWHD_API_TOKEN or give --api-token.');
  const pack = options.persona === undefined ? undefined : openPack(context, options.persona);
  const { client } = await connectToServer(context, options);
  const namespaces = chooseNamespaces(await client.listNamespaces(), {
    only: options.namespace,
    ofPersona: pack?.persona.namespaces,
  });
  await makeEmptyFolder(folder);
  if (pack) await copyPack(pack, folder);
  const knowledgeFolder = pack ? join(folder, 'knowledge') : folder;
  const written = await exportAll({ context, client, namespaces, folder: knowledgeFolder });
  // Written last, so that an export that was cut short cannot be taken for a whole one.
  if (pack) loadPack(folder);
  else await writeFile(join(folder, 'namespaces.yaml'), stringify(describe(namespaces)), { flag: 'wx' });
  for (const { title, reason } of written.failures)
    terminal.say(terminal.red(withoutControls(`${title}: ${reason}`)));
  const count = `${written.documents} ${written.documents === 1 ? 'document' : 'documents'}`;
  const lost = written.failures.length === 0 ? '' : `, ${written.failures.length} failed`;
  terminal.write(`${count} of ${namespaces.length} namespaces written to ${folder}${lost}\n`);
  return written.failures.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function chooseNamespaces(
  found: readonly Namespace[],
  choice: { only: string | undefined; ofPersona: readonly string[] | undefined },
): Namespace[] {
  const { only, ofPersona } = choice;
  const chosen = found.filter(
    ({ name }) =>
      (only === undefined || name === only) && (ofPersona === undefined || ofPersona.includes(name)),
  );
  const known = found.map(({ name }) => name).join(', ') || 'none';
  if (only !== undefined && chosen.length === 0)
    throw usageMistake(`--namespace: the server has no namespace "${only}". There are ${known}.`);
  // The names become folders; a server that gives others is not to be trusted with paths.
  const checked = namespacesFileSchema.safeParse(describe(chosen));
  if (!checked.success)
    throw new CommandFailure(
      `The server has a namespace that cannot be exported: ${checked.error.issues[0]?.message}.`,
    );
  return chosen;
}

async function exportAll(options: {
  context: CommandContext;
  client: ApiClient;
  namespaces: readonly Namespace[];
  folder: string;
}): Promise<ExportedNamespace> {
  const { context, client, namespaces, folder } = options;
  const { terminal } = context;
  const sum: ExportedNamespace = { documents: 0, failures: [] };
  for (const { name } of namespaces) {
    const written = await exportNamespace({
      client,
      namespace: name,
      folder: join(folder, name),
      wait: (delayMs) => delay(delayMs),
      onDocument: (title) => terminal.progress(withoutControls(`${name}: ${title}`)),
    });
    sum.documents += written.documents;
    sum.failures.push(...written.failures);
  }
  terminal.progress('');
  return sum;
}

async function makeEmptyFolder(folder: string): Promise<void> {
  let names: string[];
  try {
    await mkdir(folder, { recursive: true });
    names = await readdir(folder);
  } catch (error) {
    throw usageMistake(`--out: cannot write ${folder} (${(error as Error).message}).`);
  }
  if (names.length > 0) throw usageMistake(`--out: ${folder} is not empty. Give a new folder.`);
}

function describe(namespaces: readonly Namespace[]): NamespacesFile {
  return {
    namespaces: namespaces.map(({ name, title, description, persona, visibility }) => ({
      name,
      title,
      ...(description === '' ? {} : { description }),
      persona,
      visibility,
    })),
  };
}
