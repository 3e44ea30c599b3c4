import type { RetrievedPassage } from '../retrieval/passage.ts';
import { chooseText } from './choose-text.ts';
import type { Persona } from './persona.ts';

const mostTopics = 3;
const longestTopic = 60;
const ownTerms =
  /^(?:introduction|overview|notes?|summary|contents?|questions?|about|faq|a story\b.*|when to be careful)$/iu;

/**
 * The honest answer of a persona whose knowledge does not hold what was asked: that it does not, and up to three topics
 * near the question that it can speak of, named after the headings or titles of the nearest passages. Without any near
 * passage the `fallbackTopics` (titles of its specialists) are named. The seed chooses among the pack's texts.
 */
export function composeAbstention(input: {
  abstention: Persona['abstention'];
  nearest: readonly RetrievedPassage[];
  fallbackTopics: readonly string[];
  seed: number;
}): { content: string; topics: string[] } {
  const near = nearTopics(input.nearest);
  const topics = near.length > 0 ? near : [...new Set(input.fallbackTopics)].slice(0, mostTopics);
  const offers = near.length > 0 ? input.abstention.near_topics : input.abstention.no_topics;
  const { seed } = input;
  const values = { topics: joinTopics(topics) };
  const offer = topics.length === 0 ? '' : chooseText(offers, { seed, values });
  const parts = [chooseText(input.abstention.text, { seed }), offer];
  return { content: parts.filter((part) => part !== '').join(' '), topics };
}

/** Up to three distinct titles of the passages, by rank; one a document, as its passages speak of the same. */
function nearTopics(passages: readonly RetrievedPassage[]): string[] {
  const topics = new Map<string, string>();
  const documents = new Set<number>();
  for (const passage of passages) {
    if (topics.size >= mostTopics) break;
    if (documents.has(passage.documentId)) continue;
    const topic = topicOf(passage);
    if (topic === undefined || topics.has(topic.toLowerCase())) continue;
    documents.add(passage.documentId);
    topics.set(topic.toLowerCase(), topic);
  }
  return [...topics.values()];
}

/** The document's title without its kind ("Talk: "), or the nearest heading when the title says too little. */
function topicOf(passage: RetrievedPassage): string | undefined {
  const title = passage.title.replace(/^(?:talk|lesson|questions about|notes? on)\s*:?\s+/iu, '');
  const headings = [...(passage.locator.heading_path ?? [])].reverse();
  return [title, ...headings]
    .map((text) => text.trim().replace(/[.:;,]+$/u, ''))
    .find((text) => text.length > 2 && text.length <= longestTopic && !ownTerms.test(text));
}

function joinTopics(topics: readonly string[]): string {
  return new Intl.ListFormat('en', { style: 'long', type: 'conjunction' }).format(
    topics.map((topic) => `“${topic}”`),
  );
}
