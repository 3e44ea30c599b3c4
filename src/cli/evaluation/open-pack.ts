import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { loadPack } from '../../server/features/personas/load-pack.ts';
import { readSampleFolder } from '../../server/features/knowledge/seed-sample.ts';
import { parseDocument } from '../../server/ingestion/parse-document.ts';
import { installationFolder } from '../../server/installation.ts';
import type { Persona } from '../../server/pipeline/persona.ts';
import { createRouter, type Router } from '../../server/pipeline/routing/create-router.ts';
import { extractKeyTerms, TERMS_PER_DOCUMENT } from '../../server/pipeline/routing/extract-key-terms.ts';
import { type CommandContext, readConfig, usageMistake } from '../command-context.ts';

const DEFAULT_PERSONA = 'herman';

/**
 * The pack of a persona by its id; without one the default persona's.
 * @throws CommandFailure (usage) when there is no such pack, PackError when it is broken
 */
export function openPack(
  context: CommandContext,
  id: string | undefined,
): { persona: Persona; folder: string } {
  const { personas } = readConfig(context);
  const name = id ?? personas.defaultId ?? DEFAULT_PERSONA;
  const folder = join(personas.folder ?? join(installationFolder, 'personas'), name);
  if (!existsSync(folder)) throw usageMistake(`--persona: there is no pack ${folder}.`);
  return { persona: loadPack(folder), folder };
}

/** The persona's router, taught with the utterances and the knowledge of its pack as the server teaches it. */
export async function openPackRouter(pack: { persona: Persona; folder: string }): Promise<Router> {
  const { persona, folder } = pack;
  const documents: { namespace: string; title: string; text: string; headings: string[] }[] = [];
  for (const namespace of persona.namespaces) {
    for (const { title, bytes, fileName } of readSampleFolder(join(folder, 'knowledge', namespace))) {
      const { text, blocks } = await parseDocument({ bytes, fileName });
      const headings = new Set(blocks.flatMap(({ headingPath }) => headingPath ?? []));
      documents.push({ namespace, title, text, headings: [...headings] });
    }
  }
  const terms = extractKeyTerms(documents, TERMS_PER_DOCUMENT);
  return createRouter({
    specialists: persona.specialists,
    fallbackSpecialistId: persona.fallback_specialist,
    knowledge: documents.map(({ namespace, title, headings }, index) => ({
      namespace,
      title,
      headings,
      terms: terms[index] ?? [],
    })),
  });
}
