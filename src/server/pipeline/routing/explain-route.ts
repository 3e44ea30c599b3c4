import { isTopicWord } from './is-topic-word.ts';
import { splitWords } from './text-features.ts';

type Explanation = {
  text: string;
  /** How much a piece of the text speaks for the chosen specialist; 0 or less is not worth naming. */
  supportOf: (part: string) => number;
  specialists: readonly { title: string; namespaces: readonly string[] }[];
  chosenTitle: string;
  chosenNamespaces: readonly string[];
  /** The most probable specialist, who is not the chosen one when the fallback answers. */
  bestTitle: string;
  shares: ReadonlyMap<string, number>;
  state: 'sure' | 'unsure' | 'out-of-scope';
};

const mostCues = 3;
const particles = new Set(['off', 'up', 'out', 'down', 'over', 'away', 'back', 'apart', 'together']);
const weakestShareOfBest = 0.35;

/** The pieces of a text (words, or two neighbouring ones when together they say more) that support it most. */
function listCues(text: string, supportOf: (part: string) => number): string[] {
  const words = splitWords(text).slice(0, 60);
  const single = words.map((word) => (isTopicWord(word) ? supportOf(word) : 0));
  const candidates = words.map((word, index) => ({
    cue: word,
    from: index,
    to: index,
    support: single[index] ?? 0,
  }));
  for (const [index, word] of words.slice(0, -1).entries()) {
    const next = words[index + 1] ?? '';
    if (!isTopicWord(word) || !(isTopicWord(next) || particles.has(next))) continue;
    const support = supportOf(`${word} ${next}`);
    if (support <= Math.max(single[index] ?? 0, single[index + 1] ?? 0)) continue;
    candidates.push({ cue: `${word} ${next}`, from: index, to: index + 1, support });
  }
  const ranked = candidates.filter(({ support }) => support > 0).sort((a, b) => b.support - a.support);
  const chosen: typeof ranked = [];
  for (const candidate of ranked) {
    const isWeak = candidate.support < weakestShareOfBest * (ranked[0]?.support ?? 0);
    const overlaps = chosen.some(
      (other) => other.cue === candidate.cue || (candidate.from <= other.to && candidate.to >= other.from),
    );
    if (!isWeak && !overlaps && chosen.length < mostCues) chosen.push(candidate);
  }
  return chosen.sort((a, b) => a.from - b.from).map(({ cue }) => cue);
}

function joinWords(words: readonly string[]): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}

function describePassages(explanation: Explanation, hasCues: boolean): string {
  const { shares, chosenNamespaces, chosenTitle, specialists } = explanation;
  const [best] = [...shares].sort((a, b) => b[1] - a[1]);
  if (best === undefined) return '';
  if (chosenNamespaces.includes(best[0])) {
    return `the best passages are in ${chosenTitle}${hasCues ? ' too' : ''}`;
  }
  const owner = specialists.find(({ namespaces }) => namespaces.includes(best[0]));
  return `the best passages are in ${owner?.title ?? best[0]}`;
}

/**
 * One or two sentences that tell a curator why a text went where it went: the words of it that count most, and where
 * the best passages are.
 */
export function explainRoute(explanation: Explanation): string {
  const { text, state, chosenTitle, bestTitle, specialists } = explanation;
  if (splitWords(text).length === 0) return `The message has no words, so ${chosenTitle} answers.`;
  if (specialists.length === 1) return `${chosenTitle} is the only specialist.`;
  if (state === 'out-of-scope') return `Nothing learned so far is close to this, so ${chosenTitle} answers.`;
  if (state === 'unsure') {
    const lead = chosenTitle === bestTitle ? '' : ` (${bestTitle} came closest)`;
    return `No topic stands out${lead}, so ${chosenTitle} answers.`;
  }
  const cues = listCues(text, explanation.supportOf);
  const passages = describePassages(explanation, cues.length > 0);
  if (cues.length === 0) {
    return passages === ''
      ? `No single word decides; the wording as a whole is closest to ${chosenTitle}.`
      : `The wording as a whole is closest to ${chosenTitle}; ${passages}.`;
  }
  const verb = cues.length === 1 ? 'points' : 'point';
  return `${joinWords(cues)} ${verb} to ${chosenTitle}${passages === '' ? '' : `; ${passages}`}.`;
}
