import { z } from 'zod';

import { contextualise } from '../../server/pipeline/contextualise.ts';
import { readJsonLines } from '../../server/read-json-lines.ts';
import type { Library } from './open-library.ts';

const caseLine = z.object({
  /** Earlier questions of the chat, oldest first. */
  chat: z.array(z.string()),
  message: z.string(),
  follow_up: z.boolean(),
  /** Documents (file names) any of which holds the passage that answers. */
  files: z.array(z.string()).optional(),
});

export type FollowUpFigures = {
  cases: number;
  /** Share whose dependence on the chat was read rightly. */
  dependency_accuracy: number;
  /** Share with a passage of an expected document among the first one and the first three. */
  passage_in_first: number;
  passage_in_first_three: number;
};

export type FollowUpItem = {
  id: string;
  message: string;
  standalone: string;
  files: string[];
  found: string[];
  score: number;
};

/**
 * Measures how messages of a chat are made searchable: whether they are read as follow-ups, and whether the right
 * document is among the first three passages that a turn retrieves for them. Earlier answers count as unknown.
 * @throws AppError invalid_field naming file and line when a line is of another form
 */
export async function evaluateFollowUps(options: {
  datasetPath: string;
  library: Library;
  onItem?: (item: FollowUpItem) => void;
}): Promise<FollowUpFigures> {
  const { datasetPath, library, onItem } = options;
  const cases = await readJsonLines(datasetPath, caseLine);
  const tally = { dependency: 0, located: 0, first: 0, firstThree: 0 };
  for (const [index, { chat, message, follow_up: isExpected, files }] of cases.entries()) {
    const history = chat.map((question) => ({ question, answer: '' }));
    const { standalone, isFollowUp } = contextualise({ text: message, history });
    if (isFollowUp === isExpected) tally.dependency += 1;
    if (files === undefined) continue;
    tally.located += 1;
    const { retrieval } = await library.find(standalone);
    const found = retrieval.passages.slice(0, 3).map(({ documentId }) => library.fileNameOf(documentId));
    const place = found.findIndex((file) => files.includes(file));
    if (place === 0) tally.first += 1;
    if (place >= 0) tally.firstThree += 1;
    onItem?.({ id: String(index + 1), message, standalone, files, found, score: place >= 0 ? 1 : 0 });
  }
  const located = Math.max(1, tally.located);
  return {
    cases: cases.length,
    dependency_accuracy: tally.dependency / cases.length,
    passage_in_first: tally.first / located,
    passage_in_first_three: tally.firstThree / located,
  };
}
