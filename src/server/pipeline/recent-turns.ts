import type { HistoryTurn } from './turn.ts';

/** Characters of a token of English, low enough to keep a cut answer within its tokens. */
const CHARACTERS_PER_TOKEN = 3;
const SHORTEST_CUT_TOKENS = 50;

/**
 * The newest turns of a chat that fit into a number of tokens, oldest first, without the markers of their answers,
 * which would point to other passages now. Of the newest turn the answer is cut when it alone is too long.
 * @param options.countTokens how many tokens texts have together
 */
export async function selectRecentTurns(
  history: readonly HistoryTurn[],
  options: { maximumTokens: number; countTokens: (...texts: string[]) => Promise<number> },
): Promise<HistoryTurn[]> {
  const { maximumTokens, countTokens } = options;
  const kept: HistoryTurn[] = [];
  let remaining = maximumTokens;
  for (const { question, answer } of history.toReversed()) {
    const turn = { question, answer: answer.replaceAll(/\s*\[\d+\]/g, '') };
    const tokens = await countTokens(turn.question, turn.answer);
    if (tokens > remaining) {
      if (kept.length > 0) break;
      const rest = remaining - (await countTokens(turn.question));
      if (rest < SHORTEST_CUT_TOKENS) break;
      return [{ question, answer: cutAnswer(turn.answer, rest * CHARACTERS_PER_TOKEN) }];
    }
    remaining -= tokens;
    kept.unshift(turn);
  }
  return kept;
}

function cutAnswer(answer: string, characters: number): string {
  const cut = answer.slice(0, characters);
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf(' ')))} …`;
}
