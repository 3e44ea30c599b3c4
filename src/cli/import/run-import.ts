import { basename, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { ApiClient } from '../../shared/api-client.ts';
import { type CommandContext, exitCodes, usageMistake } from '../command-context.ts';
import { connectToServer, readApiToken } from '../connection.ts';
import { formatTable, type Terminal, withoutControls } from '../terminal.ts';
import { ensureNamespaces, planFolderImport } from './plan-folder-import.ts';
import { type ImportPlan, planImport } from './plan-import.ts';
import { type ImportResult, uploadFiles } from './upload-files.ts';
import { waitForDocuments } from './wait-for-documents.ts';

export type ImportOptions = {
  pdfFolder?: string;
  from?: string;
  metadataFile?: string;
  apiUrl?: string;
  apiToken?: string;
  namespace: string;
  parallel: number;
  dryRun?: true;
  wait: boolean;
};

const BAR_WIDTH = 24;

/**
 * Uploads a folder into a namespace and prints what became of each file.
 * @returns the exit code: 0 when every file is there, 1 when one failed
 * @throws CommandFailure for wrong usage, ApiError when the server cannot be reached
 */
export async function runImport(context: CommandContext, options: ImportOptions): Promise<number> {
  const { terminal, folder } = context;
  const { pdfFolder } = options;
  if (options.from !== undefined) {
    if (pdfFolder !== undefined) throw usageMistake('Give --pdf-folder or --from, not both.');
    return importFolder(context, { ...options, from: options.from });
  }
  if (pdfFolder === undefined)
    throw usageMistake('Give --pdf-folder with a folder of files, or --from with the folder of an export.');
  const plan = await planImport({
    folder: resolve(folder, pdfFolder),
    metadataPath: options.metadataFile === undefined ? undefined : resolve(folder, options.metadataFile),
    namespace: options.namespace,
  });
  tellGaps(plan, { terminal, hasMetadata: options.metadataFile !== undefined });
  if (options.dryRun === true) return tellPlan(plan, { terminal, namespace: options.namespace });
  if (plan.items.length === 0 && plan.refused.length === 0)
    throw usageMistake(`--pdf-folder: ${pdfFolder} holds no file of a supported format.`);
  requireToken(context, options.apiToken);
  const { client } = await connectToServer(context, options);
  await checkNamespace(client, options.namespace);
  const results = await transfer({ client, plan, options, terminal });
  return summarise([...results, ...refusedResults(plan)], terminal);
}

/** Imports what `wwhd export` wrote, namespace by namespace; those that are missing are made. */
async function importFolder(
  context: CommandContext,
  options: ImportOptions & { from: string },
): Promise<number> {
  const { terminal, folder } = context;
  const plans = await planFolderImport(resolve(folder, options.from));
  if (options.dryRun === true) {
    const codes = plans.map((plan) => tellPlan(plan, { terminal, namespace: plan.namespace.name }));
    return Math.max(exitCodes.ok, ...codes);
  }
  requireToken(context, options.apiToken);
  const { client } = await connectToServer(context, options);
  await ensureNamespaces(
    client,
    plans.map(({ namespace }) => namespace),
  );
  const results: ImportResult[] = [];
  for (const plan of plans) {
    const own = { ...options, namespace: plan.namespace.name };
    results.push(...(await transfer({ client, plan, options: own, terminal })), ...refusedResults(plan));
  }
  return summarise(results, terminal);
}

function requireToken(context: CommandContext, given: string | undefined): void {
  if (readApiToken(context, given) === undefined)
    throw usageMistake('Importing needs the token of a curator: set WWHD_API_TOKEN or give --api-token.');
}

function refusedResults(plan: Pick<ImportPlan, 'refused'>): ImportResult[] {
  return plan.refused.map(({ fileName, reason }) => ({
    fileName,
    status: 'failed',
    documentId: null,
    detail: reason,
  }));
}

async function transfer(options: {
  client: ApiClient;
  plan: Pick<ImportPlan, 'items'>;
  options: ImportOptions;
  terminal: Terminal;
}): Promise<ImportResult[]> {
  const { client, plan, terminal } = options;
  const { namespace, parallel } = options.options;
  const wait = (delayMs: number) => delay(delayMs);
  const total = plan.items.length;
  let done = 0;
  terminal.progress(bar({ done, total, text: 'uploading' }));
  const uploaded = await uploadFiles({
    client,
    items: plan.items,
    parallel,
    wait,
    onUploaded: ({ fileName }) => {
      done += 1;
      terminal.progress(bar({ done, total, text: `uploaded ${basename(fileName)}` }));
    },
  });
  if (!options.options.wait) return uploaded;
  return waitForDocuments({
    client,
    namespace,
    results: uploaded,
    wait,
    onProgress: (remaining) => terminal.progress(bar({ done: total - remaining, total, text: 'indexing' })),
  });
}

async function checkNamespace(client: ApiClient, namespace: string): Promise<void> {
  const names = (await client.listNamespaces()).map(({ name }) => name);
  if (names.includes(namespace)) return;
  const known = names.length === 0 ? 'There is none yet.' : `There are ${names.join(', ')}.`;
  throw usageMistake(`--namespace: the server has no namespace "${namespace}". ${known}`);
}

function bar(state: { done: number; total: number; text: string }): string {
  const { done, total, text } = state;
  const filled = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
  return `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${done}/${total} ${text}`;
}

function tellGaps(plan: ImportPlan, options: { terminal: Terminal; hasMetadata: boolean }): void {
  const { terminal, hasMetadata } = options;
  const tell = (names: readonly string[], text: string): void => {
    for (const name of names) terminal.say(terminal.yellow(`${withoutControls(name)}: ${text}`));
  };
  tell(plan.metadataWithoutFile, 'is in the metadata, but there is no such file.');
  if (hasMetadata) tell(plan.filesWithoutMetadata, 'has no metadata entry; its title comes from the file.');
  tell(plan.ignored, 'is of a format that cannot be read; left out.');
}

function tellPlan(
  plan: Pick<ImportPlan, 'items' | 'refused'>,
  options: { terminal: Terminal; namespace: string },
): number {
  const { terminal, namespace } = options;
  const rows = [
    ...plan.items.map((item) => [item.fileName, 'upload', item.fields.title ?? '']),
    ...plan.refused.map(({ fileName, reason }) => [fileName, 'refuse', reason]),
  ];
  if (rows.length > 0)
    terminal.write(`${withoutControls(formatTable([['File', 'Action', 'Title or reason'], ...rows]))}\n\n`);
  const count = plan.items.length;
  terminal.write(
    `${count} ${count === 1 ? 'file' : 'files'} would go to "${namespace}"; nothing was changed.\n`,
  );
  return plan.refused.length > 0 ? exitCodes.failed : exitCodes.ok;
}

function summarise(results: readonly ImportResult[], terminal: Terminal): number {
  const rows = results.map(({ fileName, status, documentId, detail }) => [
    fileName,
    status,
    documentId === null ? '-' : String(documentId),
    detail ?? '',
  ]);
  terminal.write(`${withoutControls(formatTable([['File', 'Result', 'Document', 'Detail'], ...rows]))}\n\n`);
  const counts = (['indexed', 'duplicate', 'waiting', 'failed'] as const)
    .map((status) => ({ status, count: results.filter((result) => result.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  terminal.write(`${counts.join(', ')}\n`);
  return results.some(({ status }) => status === 'failed') ? exitCodes.failed : exitCodes.ok;
}
