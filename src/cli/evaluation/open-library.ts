import { join } from 'node:path';

import { readSampleFolder } from '../../server/features/knowledge/seed-sample.ts';
import { parseDocument } from '../../server/ingestion/parse-document.ts';
import type { TextBlock } from '../../server/ingestion/parsed-document.ts';
import type { EmbeddingModel } from '../../server/models/embedding-model.ts';
import { findEvidence } from '../../server/pipeline/find-evidence.ts';
import type { Persona } from '../../server/pipeline/persona.ts';
import {
  createRouter,
  type Router,
  type RouterKnowledge,
} from '../../server/pipeline/routing/create-router.ts';
import { loadAnalyser } from '../../server/retrieval/analyse-text.ts';
import { createIndexEngine } from '../../server/retrieval/engine/index-engine.ts';
import { createSegmentBuilder } from '../../server/retrieval/engine/segment-builder.ts';
import type { RetrievedPassage } from '../../server/retrieval/passage.ts';
import { splitPassages } from '../../server/retrieval/split-passages.ts';

type StoredPassage = Omit<RetrievedPassage, 'score' | 'coverage' | 'lexicalScore' | 'vectorScore'>;

/** The knowledge of a pack in memory: parsed, split, indexed and searched by the code that serves readers. */
export type Library = {
  router: Router;
  /** File name of a document by its id. */
  fileNameOf: (documentId: number) => string;
  /** What a turn would find for a question that stands on its own, among all of the persona's namespaces. */
  find: (question: string) => ReturnType<typeof findEvidence>;
};

const EMBEDDED_AT_ONCE = 64;

/**
 * Opens the knowledge of a pack, without a database.
 * @param pack.embeddingModel searches by meaning too
 * @throws AppError when a document cannot be parsed or the embedding endpoint fails
 */
export async function openLibrary(pack: {
  persona: Persona;
  folder: string;
  embeddingModel?: EmbeddingModel | undefined;
}): Promise<Library> {
  const { persona, embeddingModel } = pack;
  const { passages, knowledge, fileNames } = await readKnowledge(pack);
  const analyser = await loadAnalyser('english');
  const dimension = embeddingModel?.dimension ?? 0;
  const builder = createSegmentBuilder({ analyser, dimension });
  const vectors = await embedAll(passages, embeddingModel);
  for (const [
    position,
    { passageId: id, documentId, namespace, title, locator, text },
  ] of passages.entries()) {
    const vector = vectors[position];
    const headingPath = locator.heading_path ?? [];
    builder.add({ id, documentId, namespace, title, headingPath, text, ...(vector ? { vector } : {}) });
  }
  const engine = createIndexEngine({ analyser, dimension });
  engine.load(1, builder.finish());
  const router = createRouter({
    specialists: persona.specialists,
    fallbackSpecialistId: persona.fallback_specialist,
    knowledge,
  });
  return {
    router,
    fileNameOf: (documentId) => fileNames[documentId - 1] ?? '',
    find: (question) =>
      findEvidence({
        persona,
        router,
        question,
        namespaces: persona.namespaces,
        index: { search: (query) => Promise.resolve(engine.search(query)) },
        readPassages: ({ candidates }) =>
          Promise.resolve(
            candidates.flatMap((candidate) => {
              const stored = passages[candidate.passageId - 1];
              return stored ? [{ ...stored, ...candidate }] : [];
            }),
          ),
        embeddingModel,
        signal: new AbortController().signal,
        onError: (error) => {
          throw error;
        },
      }),
  };
}

async function readKnowledge({ persona, folder }: { persona: Persona; folder: string }) {
  const passages: StoredPassage[] = [];
  const knowledge: RouterKnowledge[] = [];
  const fileNames: string[] = [];
  for (const namespace of persona.namespaces) {
    for (const source of readSampleFolder(join(folder, 'knowledge', namespace))) {
      const { fileName, title, bytes, sourceUrl: url, youtubeUrl } = source;
      const parsed = await parseDocument({ bytes, fileName });
      const documentId = fileNames.push(fileName);
      knowledge.push({
        namespace,
        title,
        headings: headingsOf(parsed.text, parsed.blocks),
        text: parsed.text,
      });
      for (const { text, locator } of splitPassages(parsed)) {
        const passageId = passages.length + 1;
        passages.push({
          passageId,
          documentId,
          version: 1,
          namespace,
          title,
          url,
          youtubeUrl,
          text,
          locator,
        });
      }
    }
  }
  // The server teaches its router the newest documents first, and the order moves the figures a little.
  return { passages, knowledge: knowledge.reverse(), fileNames };
}

function headingsOf(text: string, blocks: readonly TextBlock[]): string[] {
  return blocks
    .filter(({ kind }) => kind === 'heading' || kind === 'pair')
    .map(({ start, end }) => text.slice(start, end).split('\n')[0] ?? '');
}

async function embedAll(
  passages: readonly StoredPassage[],
  model: EmbeddingModel | undefined,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  if (model === undefined) return vectors;
  for (let start = 0; start < passages.length; start += EMBEDDED_AT_ONCE) {
    const texts = passages.slice(start, start + EMBEDDED_AT_ONCE).map(({ text }) => text);
    vectors.push(...(await model.embed(texts, new AbortController().signal)));
  }
  return vectors;
}
