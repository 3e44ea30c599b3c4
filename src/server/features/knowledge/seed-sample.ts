import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Kysely } from 'kysely';

import { documentsFileSchema } from '../../../shared/knowledge-folder.ts';
import type { Tables } from '../../database/tables.ts';
import type { Persona } from '../../pipeline/persona.ts';
import { validateYaml } from '../personas/validate-yaml.ts';
import type { AddDocument } from './add-document.ts';

const settingKey = (personaId: string) => `sample-loaded:${personaId}`;

/**
 * Loads a pack's knowledge once in the life of an installation: when it was loaded before, or removed since, nothing
 * happens. Documents go through the same door as uploads.
 * @returns how many documents were added
 */
export async function seedSample(options: {
  database: Kysely<Tables>;
  addDocument: AddDocument;
  persona: Persona;
  packFolder: string;
}): Promise<number> {
  const { database, addDocument, persona, packFolder } = options;
  const key = settingKey(persona.id);
  if (await database.selectFrom('settings').select('key').where('key', '=', key).executeTakeFirst()) return 0;
  let added = 0;
  for (const namespace of persona.namespaces) {
    for (const document of readSampleFolder(join(packFolder, 'knowledge', namespace))) {
      const { isDuplicate } = await addDocument.add({
        ...document,
        namespace,
        uploadedBy: null,
        isSample: true,
      });
      if (!isDuplicate) added += 1;
    }
  }
  await database
    .insertInto('settings')
    .values({ key, value: String(added) })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return added;
}

/**
 * The documents of one knowledge folder with what documents.yaml says of them.
 * @throws Error naming the file when documents.yaml is broken or names a file that is not there
 */
export function readSampleFolder(folder: string) {
  const path = join(folder, 'documents.yaml');
  if (!existsSync(path)) return [];
  const { data, problems } = validateYaml({ text: readFileSync(path, 'utf8'), schema: documentsFileSchema });
  if (!data) throw new Error(problems.map(({ line, message }) => `${path}:${line}: ${message}.`).join('\n'));
  const present = new Set(readdirSync(folder));
  return data.documents.map((entry) => {
    if (!present.has(entry.file))
      throw new Error(`${path}: names ${entry.file}, which is not in the folder.`);
    return {
      fileName: entry.file,
      bytes: new Uint8Array(readFileSync(join(folder, entry.file))),
      title: entry.title,
      author: entry.author ?? null,
      publishedDate: entry.published_date ?? null,
      youtubeUrl: entry.youtube_url ?? null,
      sourceUrl: entry.source_url ?? null,
      tags: entry.tags ?? [],
      metadata: entry.metadata ?? {},
    };
  });
}
