import { chooseText, listInWords } from './choose-text.ts';
import type { Persona, ReplyKind } from './persona.ts';

const LISTED_DOCUMENTS = 20;

/**
 * The persona's answer to a message that needs no search: greetings, thanks, "who are you", the list of documents.
 * @param options.titles titles of the documents that the asker may read; used by the list of documents
 */
export function composeReply(options: {
  persona: Persona;
  kind: ReplyKind;
  seed: number;
  titles: readonly string[];
}): string {
  const { persona, seed, titles } = options;
  const kind = options.kind === 'documents' && titles.length === 0 ? 'documents_empty' : options.kind;
  const text = chooseText(persona.replies[kind], {
    seed,
    values: {
      topics: topicsOf(persona),
      starters: listInWords(persona.starter_questions.slice(0, 2).map((question) => `“${question}”`)),
      count: String(titles.length),
      name: persona.name,
    },
  });
  if (kind !== 'documents') return text;
  const shown = titles.slice(0, LISTED_DOCUMENTS).map((title) => `- ${title}`);
  const rest = titles.length - shown.length;
  return [text, '', ...shown, ...(rest > 0 ? [`- … and ${rest} more`] : [])].join('\n');
}

/** What the persona can be asked about, in words. */
export function topicsOf(persona: Persona): string {
  const titles = persona.specialists
    .filter((specialist) => specialist.id !== persona.fallback_specialist || persona.specialists.length === 1)
    .map((specialist) => specialist.title.toLowerCase());
  return listInWords(titles);
}
