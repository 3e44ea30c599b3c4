import { splitSentences } from '../../retrieval/split-sentences.ts';

/** What a message asks to be kept or erased between chats, and what else it says. */
export type MemoryRequest =
  | { kind: 'remember'; facts: string[]; rest: string }
  /** A description of null means everything. */
  | { kind: 'forget'; descriptions: (string | null)[]; rest: string }
  | { kind: 'recall' };

type Part = { kind: 'remember'; fact: string } | { kind: 'forget'; description: string | null };

const opening =
  /^(?:(?:and|also|oh|ok(?:ay)?|hi|hello|hey|dear \p{L}+|by the way|please|kindly|can you|could you|will you|would you|i (?:want|would like|'d like|’d like) you to|i need you to)[\s,]+)*/iu;
const rememberPattern =
  /^(?:remember|keep in mind|don['’]?t forget|do not forget|never forget|make a note|take note|bear in mind)(?: for (?:me|next time|later|the future))?[\s,:]+(?:that\s+(?<said>.+)|(?<told>(?:i|i['’](?:m|ve|d|ll)|my|we|we['’](?:re|ve)|our)\b.+))$/isu;
const forgetPattern =
  /^(?:forget|delete|erase|don['’]?t remember|do not remember|stop remembering)(?: from your memory)?[\s,:]+(?:that\s+(?<said>(?:i|i['’](?:m|ve|d|ll)|my|we|our)\b.+)|(?:what (?:i|you) (?:told|said|know|remember)[\p{L}\s]*? )?about (?<topic>(?:my|our)\b.+)|(?<all>(?:everything|all|anything|what)(?: of it)?(?: that)? ?(?:you (?:know|remember|have|kept)|i (?:have )?told you|about me)[\p{L}\s]*))$/isu;
const recallPattern =
  /^(?:what (?:do|did|have|can) you (?:know|remember|remembered|recall|kept|keep|learned)(?: still)? (?:of|about|on) me|what do you remember|what have you remembered|(?:list|show)(?: me)? (?:what you (?:know|remember) about me|your memor(?:y|ies)(?: of me)?|what you remember))$/iu;
const politeEnd = /[\s,]*(?:please|thanks|thank you|ok(?:ay)?|will you|would you)?[\s.!?]*$/iu;

/**
 * Tells a request to keep or erase something between chats: "remember that I have a bad knee", "please forget that I
 * smoke", "what do you remember about me?". `rest` is the message without those sentences. Questions about remembering
 * ("how do I remember names?", "do you remember that film?") are none, and neither is "forget it".
 */
export function detectMemoryRequest(message: string): MemoryRequest | null {
  const spoken = stripOpening(message);
  if (recallPattern.test(spoken)) return { kind: 'recall' };
  const parts: Part[] = [];
  const rest: string[] = [];
  for (const { start, end } of splitSentences(message)) {
    const sentence = message.slice(start, end);
    const part = readPart(sentence);
    if (part) parts.push(part);
    else rest.push(sentence.trim());
  }
  const said = rest.filter((sentence) => stripOpening(sentence) !== '').join(' ');
  const facts = parts.flatMap((part) => (part.kind === 'remember' ? [part.fact] : []));
  if (facts.length > 0) return { kind: 'remember', facts, rest: said };
  const descriptions = parts.flatMap((part) => (part.kind === 'forget' ? [part.description] : []));
  return descriptions.length > 0 ? { kind: 'forget', descriptions, rest: said } : null;
}

function stripOpening(text: string): string {
  const body = text.trim().replace(politeEnd, '');
  return `${body} `.replace(opening, '').trim();
}

function readPart(sentence: string): Part | undefined {
  const spoken = stripOpening(sentence);
  const remembered = rememberPattern.exec(spoken)?.groups;
  const fact = remembered?.['said'] ?? remembered?.['told'];
  if (fact !== undefined) return { kind: 'remember', fact: tidyFact(fact) };
  const forgotten = forgetPattern.exec(spoken)?.groups;
  if (forgotten === undefined) return undefined;
  const description = forgotten['said'] ?? forgotten['topic'];
  return { kind: 'forget', description: description === undefined ? null : tidyFact(description) };
}

function tidyFact(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return /^i\b/u.test(line) ? `I${line.slice(1)}` : line;
}
