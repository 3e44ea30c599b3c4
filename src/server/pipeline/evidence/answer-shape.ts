import type { AnalysedQuestion } from './analyse-question.ts';
import type { EvidenceToken } from './read-sentences.ts';

export type AnswerShape = {
  /** 1 when the sentence holds something of the expected kind that the question does not already say. */
  shape: number;
  /** 1 when that stands within ten words of a question term. */
  shapeNear: number;
  /** 1 when the sentence opens with a term of the question, as definitions do. */
  lead: number;
  /** 1 when words of cause or instruction fit a why or how-to question. */
  verb: number;
  /** 1 when a definition question meets "<term> is", "<term> means" at the start of the sentence. */
  defines: number;
};

const nearWords = 10;
const months =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/u;
const numberWords =
  /^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|million|billion|dozen|half|third|quarter|twice|once|double|percent|several|many|most|few)$/u;
const timeWords =
  /^(?:century|centuries|year|years|decade|morning|evening|night|day|days|week|weeks|month|months|hour|minute|minutes|before|after|during|until|when|while|whenever|noon|dawn)$/u;
const yearOrOrdinal = /^\d{3,4}s?$|^\d+(?:st|nd|rd|th)s?$/u;
const placeWords = /^(?:in|at|near|from|of|on|to|beside|behind|under|between|against|facing)$/u;
const causeWords =
  /\b(?:because|since|due to|so that|in order to|therefore|as a result|reason|caused?|owing|lets?|helps?|means|to avoid|thus|leads? to|led to|which is why)\b/iu;
const stepWords =
  /\b(?:first|then|next|begin|start|try|use|make|take|keep|put|let|place|choose|sit|stand|breathe|write|ask|tell|say|by \w+ing|should|must|step|instead|never|always|before you|after you|each|every)\b/iu;

/** Whether a sentence looks like an answer of the kind that the question asks for. */
export function answerShape(
  question: AnalysedQuestion,
  sentence: { text: string; tokens: readonly EvidenceToken[] },
): AnswerShape {
  const fits: number[] = [];
  const hits: number[] = [];
  for (const [place, token] of sentence.tokens.entries()) {
    if (question.positions.has(token.term)) hits.push(place);
    else if (fitsType(question.type, token, place)) fits.push(place);
  }
  const isNear = fits.some((place) => hits.some((hit) => Math.abs(hit - place) <= nearWords));
  const isCause = question.type === 'why' && causeWords.test(sentence.text);
  const isStep = question.type === 'how-to' && stepWords.test(sentence.text);
  return {
    shape: fits.length > 0 ? 1 : 0,
    shapeNear: isNear ? 1 : 0,
    lead: (hits[0] ?? 4) < 4 ? 1 : 0,
    verb: isCause || isStep ? 1 : 0,
    defines: question.type === 'definition' && defines(question, sentence) ? 1 : 0,
  };
}

/** Whether a sentence opens by saying what the last term of the question is. */
function defines(
  question: AnalysedQuestion,
  sentence: { text: string; tokens: readonly EvidenceToken[] },
): boolean {
  const last = question.terms.length - 1;
  const place = sentence.tokens.findIndex((token) => question.positions.get(token.term) === last);
  const opening = sentence.tokens.slice(0, Math.max(0, place));
  const isSubject = opening.every(
    (token) => /^(?:a|an|the)$/u.test(token.word) || question.positions.has(token.term),
  );
  if (place < 0 || !isSubject) return false;
  const verb = sentence.tokens[place + 1]?.word ?? '';
  return /^(?:is|are|was|were|means|refers|consists|describes)$/u.test(verb);
}

function fitsType(type: AnalysedQuestion['type'], token: EvidenceToken, place: number): boolean {
  const isName = token.isCapitalised && !token.isStopWord && !months.test(token.word);
  switch (type) {
    case 'quantity':
      return token.isNumber || numberWords.test(token.word);
    case 'when':
      return yearOrOrdinal.test(token.word) || months.test(token.word) || timeWords.test(token.word);
    case 'who':
      return isName;
    case 'where':
      return (isName && place > 0) || placeWords.test(token.word);
    default:
      return false;
  }
}
