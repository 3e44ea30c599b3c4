import { analyseText, type Token } from '../../retrieval/analyse-text.ts';
import type { RetrievedPassage } from '../../retrieval/passage.ts';
import { splitSentences } from '../../retrieval/split-sentences.ts';

/** A word with what the sentence features look at beyond the analyser's token. */
export type EvidenceToken = Token & { isCapitalised: boolean; isNumber: boolean };

/** A sentence of a passage with its words; offsets are UTF-16 code units of the passage's text. */
export type EvidenceSentence = {
  /** Place of the passage in the ranked list, and of the sentence in the passage. */
  passageIndex: number;
  sentenceIndex: number;
  start: number;
  end: number;
  text: string;
  tokens: EvidenceToken[];
  /** Headings and questions lead to an answer but are none; items belong to a list. */
  role: 'prose' | 'heading' | 'question' | 'pair-question' | 'item';
  /** Whether a blank line, or for list items a line break, stands before it. */
  startsParagraph: boolean;
};

const listItem = /^(?:[-*+•‣◦▪]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s)/u;
/** A statement that ends with a question to say: `Ask directly: "Do you want help?"` */
const quotedQuestion = /[\p{L}\p{N}][:,]\s+["“][^"“”]+[?？]["”]$/u;
const terminator = /[.!?…。！？:;,][)\]"'”’»]*$/u;

/** The words of a text in order, without the joined forms of hyphenated words. */
export function readTokens(text: string): EvidenceToken[] {
  const tokens: EvidenceToken[] = [];
  for (const token of analyseText(text)) {
    if (token.isJoined) continue;
    const first = text.charAt(token.start);
    const isNumber = first >= '0' && first <= '9';
    tokens.push({ ...token, isNumber, isCapitalised: !isNumber && first !== first.toLowerCase() });
  }
  return tokens;
}

/** Cuts a passage into sentences, reads their words and tells headings, pair questions and list items apart. */
export function readSentences(
  passage: Pick<RetrievedPassage, 'text' | 'title' | 'locator'>,
  passageIndex: number,
): EvidenceSentence[] {
  const headings = new Set([passage.title, ...(passage.locator.heading_path ?? [])].map(plain));
  const ranges = splitSentences(passage.text);
  const sentences: EvidenceSentence[] = [];
  const pairQuestionEnd = /^[^\n]{3,300}[?？]["”’)]*(?=\n(?!\n))/u.exec(passage.text)?.[0].length ?? 0;
  for (const [sentenceIndex, { start, end }] of ranges.entries()) {
    const text = passage.text.slice(start, end);
    const following = passage.text.slice(end, ranges[sentenceIndex + 1]?.start ?? end);
    const before = passage.text.slice(ranges[sentenceIndex - 1]?.end ?? start, start);
    let role: EvidenceSentence['role'] = 'prose';
    if (listItem.test(text)) role = 'item';
    else if (headings.has(plain(text)) || isHeadingLine(text, following)) role = 'heading';
    else if (/[?？]["”’)]*$/u.test(text) && !quotedQuestion.test(text)) role = 'question';
    if (end <= pairQuestionEnd) role = 'pair-question';
    const startsParagraph = sentenceIndex === 0 || before.includes('\n\n') || role === 'item';
    sentences.push({
      passageIndex,
      sentenceIndex,
      start,
      end,
      text,
      role,
      startsParagraph,
      tokens: readTokens(text),
    });
  }
  return sentences;
}

function isHeadingLine(text: string, following: string): boolean {
  return following.includes('\n\n') && text.length < 80 && !terminator.test(text);
}

function plain(text: string): string {
  return text
    .replace(/^#+\s*/u, '')
    .toLowerCase()
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
