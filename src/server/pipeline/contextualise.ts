import { type EvidenceToken, readTokens } from './evidence/read-sentences.ts';
import { splitSentences } from '../retrieval/split-sentences.ts';
import { detectDependency, type DependencyReason, withoutGreeting } from './evidence/detect-dependency.ts';

export type PreviousTurn = {
  question: string;
  /** What `contextualise` made of the question at its time; worked out again when absent. */
  standaloneQuestion?: string;
  answer: string;
};

export type ContextualisedQuestion = {
  /** The question that can be searched without the chat; the message itself when it depends on nothing. */
  standalone: string;
  isFollowUp: boolean;
  reason: DependencyReason | null;
};

const rememberedTurns = 6;
const longestTopicWords = 24;
const answerWords = 2;
const bareMore =
  /^(?:(?:can|could|would|will) you |please )*(?:tell me more|say more|more|go on|continue|keep going|elaborate|(?:what|anything) else)(?: please| about (?:it|that|this))?[\s.?!]*$/iu;

/**
 * Makes a message of a chat searchable on its own, without a model. A message that leans on the chat (a bare "why?",
 * "and for beginners?", "how long should it be?", "no, I meant my wife") is put behind the question that it continues;
 * a correction replaces what it corrects. Messages that stand on their own come back untouched. `history` is in
 * order, oldest first.
 */
export function contextualise(input: {
  text: string;
  history: readonly PreviousTurn[];
}): ContextualisedQuestion {
  const message = input.text;
  const turns = input.history.slice(-rememberedTurns);
  const last = turns.at(-1);
  const reason = last === undefined ? null : detectDependency(message);
  if (last === undefined || reason === null) return { standalone: message, isFollowUp: false, reason: null };
  const earlier =
    last.standaloneQuestion ?? contextualise({ text: last.question, history: turns.slice(0, -1) }).standalone;
  const topic = shortenTopic(earlier);
  const spoken = withoutGreeting(message);
  // The words of "tell me more" are no part of what is looked for.
  if (reason === 'more' && bareMore.test(spoken))
    return {
      standalone: joinQuestions(topic, '', answerTopic(topic, last.answer)),
      isFollowUp: true,
      reason,
    };
  const standalone =
    reason === 'correction'
      ? correct(topic, spoken)
      : joinQuestions(topic, continuation(spoken), answerTopic(topic, last.answer));
  return { standalone, isFollowUp: true, reason };
}

/** The part of an earlier question that names its topic: its last asking sentence when it is long. */
function shortenTopic(question: string): string {
  const text = withoutGreeting(question).trim();
  if (text.split(/\s+/u).length <= longestTopicWords) return text;
  const sentences = splitSentences(text).map((range) => text.slice(range.start, range.end));
  const asking = sentences.filter((sentence) => sentence.endsWith('?') && contentOf(sentence).length > 1);
  const kept = asking.length > 0 ? asking.slice(-2).join(' ') : (sentences.at(-1) ?? text);
  return kept.split(/\s+/u).slice(0, longestTopicWords).join(' ');
}

/** The message without its connecting words: "and what about the evening?" becomes "the evening?". */
function continuation(message: string): string {
  return message
    .replace(/^(?:(?:and|but|or|so|also|ok(?:ay)?|then|well|hm+|yes|no)\b[\s,]*)+/iu, '')
    .replace(/^(?:what|how) about\s+/iu, '')
    .trim();
}

function joinQuestions(topic: string, addition: string, answerTopic: string): string {
  const head = topic.replace(/[\s,;:]+$/u, '');
  const closed = /[.!?…]$/u.test(head) ? head : `${head}?`;
  return [closed, answerTopic, addition].filter((part) => part !== '').join(' ');
}

/** Two words that an answer repeats, when the question itself names hardly any topic. */
function answerTopic(topic: string, answer: string): string {
  if (contentOf(topic).length > 1) return '';
  const counts = new Map<string, { word: string; count: number }>();
  for (const token of contentOf(answer)) {
    if (token.isNumber) continue;
    const known = counts.get(token.term) ?? { word: token.word, count: 0 };
    counts.set(token.term, { ...known, count: known.count + 1 });
  }
  const frequent = [...counts.values()].filter((entry) => entry.count > 1);
  const words = frequent.sort((left, right) => right.count - left.count).slice(0, answerWords);
  return words.length === 0 ? '' : `(${words.map((entry) => entry.word).join(', ')})`;
}

/** "no, I meant my wife" after "How do I forgive my father?": the last thing of the same form is replaced. */
function correct(topic: string, message: string): string {
  const meant = message
    .replace(/^(?:(?:no|nope|sorry|wait|oh|actually|rather|not that|well|hm+)\b[\s,.!:]*)+/iu, '')
    .replace(
      /^(?:what )?(?:i|we) (?:actually |really )?(?:meant|mean|wanted to (?:say|ask))(?: to (?:say|ask))?(?: was| is)?[\s,:]*/iu,
      '',
    )
    .replace(/[,;]?\s*not (?:the |my |a |an )?[\p{L}\s-]+$/iu, '')
    .trim()
    .replace(/[.!?]+$/u, '');
  if (detectsWholeQuestion(meant)) return meant;
  const determiner = /^(?:with |for |to |about )?(my|our|his|her|the|a|an)\s/iu
    .exec(meant)?.[1]
    ?.toLowerCase();
  if (determiner !== undefined) {
    const pattern = new RegExp(`\\b${determiner}\\s+[\\p{L}-]+(?![\\s\\S]*\\b${determiner}\\s)`, 'iu');
    const replacement = meant.replace(/^(?:with|for|to|about)\s+/iu, '');
    if (pattern.test(topic)) return topic.replace(pattern, replacement);
  }
  return joinQuestions(topic, meant, '');
}

function detectsWholeQuestion(text: string): boolean {
  return (
    /^(?:who|what|when|where|why|how|which|is|are|do|does|can|should|could)\b/iu.test(text) &&
    contentOf(text).length > 1
  );
}

function contentOf(text: string): EvidenceToken[] {
  return readTokens(text).filter((token) => !token.isStopWord);
}
