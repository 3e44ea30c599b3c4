import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';

import { z } from 'zod';

import type { UploadFields } from '../../shared/documents.ts';
import { usageMistake } from '../command-context.ts';

export type ImportItem = { path: string; fileName: string; sizeBytes: number; fields: UploadFields };

export type ImportPlan = {
  items: ImportItem[];
  /** Files that the server would refuse, with the reason. */
  refused: { fileName: string; reason: string }[];
  /** Files of formats that cannot be read; they are left alone. */
  ignored: string[];
  metadataWithoutFile: string[];
  filesWithoutMetadata: string[];
};

const EXTENSIONS = new Set([
  '.pdf',
  '.docx',
  '.html',
  '.htm',
  '.md',
  '.markdown',
  '.txt',
  '.srt',
  '.vtt',
  '.csv',
]);
const MAXIMUM_BYTES = 10 * 1024 * 1024;

const text = z.string().nullish();
const entrySchema = z.looseObject({
  filename: z.string().min(1),
  title: text,
  youtube_url: text,
  source_url: text,
  author: text,
  published_date: text,
  tags: z.array(z.string()).nullish(),
});
type Entry = z.infer<typeof entrySchema>;

const metadataSchema = z.union([
  z.object({ videos: z.array(entrySchema) }).transform((file) => file.videos),
  z.object({ documents: z.array(entrySchema) }).transform((file) => file.documents),
  z.array(entrySchema),
]);

/**
 * What an import would do: every readable file of a folder (sub-folders too) with the fields of its metadata entry.
 * @throws CommandFailure (usage) when the folder or the metadata cannot be read
 */
export async function planImport(options: {
  folder: string;
  metadataPath: string | undefined;
  namespace: string;
}): Promise<ImportPlan> {
  const { folder, metadataPath, namespace } = options;
  const entries = metadataPath === undefined ? [] : await readMetadata(metadataPath);
  const paths = (await listFiles(folder)).filter((path) => path !== metadataPath);
  const find = createFinder(entries);
  const plan: ImportPlan = {
    items: [],
    refused: [],
    ignored: [],
    metadataWithoutFile: [],
    filesWithoutMetadata: [],
  };
  const used = new Set<Entry>();
  for (const path of paths) {
    const name = relative(folder, path).split(sep).join('/');
    const entry = find(name);
    if (entry) used.add(entry);
    if (!EXTENSIONS.has(extname(path).toLowerCase())) {
      plan.ignored.push(name);
      continue;
    }
    if (!entry) plan.filesWithoutMetadata.push(name);
    const { size } = await stat(path);
    const reason = reasonToRefuse(size);
    if (reason !== undefined) plan.refused.push({ fileName: name, reason });
    else plan.items.push({ path, fileName: name, sizeBytes: size, fields: fieldsOf(entry, namespace) });
  }
  plan.metadataWithoutFile = entries.filter((entry) => !used.has(entry)).map((entry) => entry.filename);
  return plan;
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    throw usageMistake(`--pdf-folder: cannot read ${folder} (${(cause as Error).message}).`);
  }
}

async function readMetadata(path: string): Promise<Entry[]> {
  let value: unknown;
  try {
    value = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw usageMistake(`--metadata-file: cannot read ${path} (${(cause as Error).message}).`);
  }
  const result = metadataSchema.safeParse(value);
  if (result.success) return result.data;
  throw usageMistake(
    `--metadata-file: ${path} must hold {"videos": [{"filename": "talk.pdf", "title": "...", ...}]}, each entry with a filename.`,
  );
}

/** By path below the folder, else by bare name; case and the two ways to write an accented letter do not matter. */
function createFinder(entries: readonly Entry[]): (name: string) => Entry | undefined {
  const keyOf = (name: string) => name.normalize('NFC').toLowerCase();
  const known = new Map(entries.map((entry) => [keyOf(entry.filename), entry]));
  return (name) => known.get(keyOf(name)) ?? known.get(keyOf(basename(name)));
}

/** Why the server would refuse a file of this size, if it would. */
export function reasonToRefuse(sizeBytes: number): string | undefined {
  if (sizeBytes === 0) return 'The file is empty.';
  if (sizeBytes <= MAXIMUM_BYTES) return undefined;
  return `The file has ${(sizeBytes / (1024 * 1024)).toFixed(1)} MB; the limit is 10 MB. Split it, or make its images smaller.`;
}

function fieldsOf(entry: Entry | undefined, namespace: string): UploadFields {
  if (!entry) return { namespace };
  const {
    filename: _filename,
    title,
    youtube_url,
    source_url,
    author,
    published_date,
    tags,
    ...rest
  } = entry;
  const isDate = published_date !== undefined && /^\d{4}(-\d{2}(-\d{2})?)?$/.test(published_date ?? '');
  const metadata = isDate || !published_date ? rest : { ...rest, published_date };
  return {
    namespace,
    ...present({ title, youtube_url, source_url, author, tags }),
    ...(isDate ? { published_date } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata_json: metadata }),
  };
}

function present<Fields extends Record<string, unknown>>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as Partial<Fields>;
}
