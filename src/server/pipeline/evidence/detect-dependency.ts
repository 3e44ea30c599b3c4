import { type EvidenceToken, readTokens } from './read-sentences.ts';

/** Why a message cannot be understood without the chat. */
export type DependencyReason = 'correction' | 'continuation' | 'more' | 'fragment' | 'pronoun' | 'comparison';

const correction =
  /^(?:(?:no|nope|sorry|wait|oh|actually|rather|well)\b[\s,.!:]*)*(?:(?:what )?(?:i|we) (?:actually |really )?(?:meant|mean\b(?! (?:it|that))|wanted to (?:say|ask))|not (?:that|the|my|for|with)\b)|^(?:no|nope|actually|rather|sorry)[,.!]?\s+(?:for|with|about|to|my|our|his|her|the|in|at|not)\b/iu;
const continuation =
  /^(?:and|but|or|so|also|then|plus)\b(?!\s+(?:hello|hi)\b)|^(?:ok(?:ay)?|yes|no|well|hm+|sure|right|i see)[\s,.!]+(?:and|but|so|then|what|why|how|when|where|is|does|can|should)\b|^(?:what|how) about\b|^what if\b|^(?:even|only|same|except|especially)\b/iu;
const more =
  /^(?:(?:can|could|would|will) you |please )*(?:tell me more|more(?: please| details?| about (?:it|that|this))?|go on|continue|elaborate|explain(?: (?:more|further|it|that|this)(?: please)?)?|say more|keep going|expand(?: on (?:it|that|this))?|(?:give me |show me |any |some )?(?:(?:an?|one|two|some|more|another|other|further) )*(?:examples?|details?|ideas|options|tips|sources?)|what else|anything else|another(?: one)?|next(?: step)?|really|are you sure|in short|summari[sz]e(?: (?:it|that|this))?|shorter|simpler)\b[\s\S]{0,12}$/iu;
const bareQuestion =
  /^(?:why(?: not| so| is that| that| there| here| now| then)?|how(?: so| come| exactly| long| often| much| many| far| soon| late| early| old)?|when(?: exactly)?|where(?: exactly)?|who|which(?: one| ones)?|what(?: for| then| next| exactly| time| kind)?|since when|for how long|until when|how many times)(?: (?:a|per|each|every) (?:day|week|month|year|session))?\s*[?!.]*$/iu;
const wholeQuestion =
  /^(?:who|what|when|where|why|how|which|is|are|do|does|can|could|should|will)\b(?! (?:about|if)\b)/iu;
const prepositional =
  /^(?:for|with|without|in|at|on|after|before|during|by|from|to|about|between|near|under|over|until|per|as|if|when|while|because)\b/iu;
const comparison =
  /\b(?:which (?:one|of (?:them|these|those|the two))|(?:better|easier|faster|cheaper|shorter|longer|harder|stronger|simpler|safer|other|different) (?:one|ones|way|ways|option|options|method|methods|idea|ideas|version|alternative)|(?:is|are) there (?:any |an |a |another )?(?:other|alternative|alternatives|easier|better|faster|simpler|cheaper|quicker)|instead|alternatives?|the (?:first|second|third|last|other|latter|former) (?:one|step|point|option|method|way)|difference between (?:them|these|those|the two))\b/iu;
const personalPronouns = new Set(
  'he she him her his hers they them their theirs himself herself themselves'.split(' '),
);
const thingPronouns = new Set('it its that this these those one ones itself such there'.split(' '));
const persons = new Set(
  (
    'wife husband partner spouse mother mom mum father dad boss manager friend friends son daughter child children kid kids baby people person neighbour neighbours neighbor neighbors ' +
    'colleague colleagues sister brother parents parent ex teenager girlfriend boyfriend student students customer customers client clients team employee employees someone somebody everyone anyone nobody man woman men women boy girl ' +
    'grandmother grandfather uncle aunt cousin teacher doctor dog cat animal animals family couple couples beginners'
  ).split(' '),
);
const selfContainedWords = 5;

/** A message without a greeting, thanks or an acknowledgement before what it asks. */
export function withoutGreeting(message: string): string {
  const rest = message
    .trim()
    .replace(
      /^(?:(?:hi|hello|hey|thanks|thank you(?: so much| very much)?|thx|great|perfect|good morning|good evening|dear \p{L}+|interesting|nice|cool|wow)\b(?: (?!and\b|but\b|so\b|what\b|how\b|why\b)\p{L}+){0,1}\s*[,.!;:-]+\s*)+/iu,
      '',
    );
  return rest === '' ? message.trim() : rest;
}

/**
 * Whether a message leans on the chat before it, and how; null when it stands on its own. Looks at its form only:
 * corrections, opening conjunctions, bare question words, fragments, comparisons without a second side, and pronouns
 * that nothing in the message explains.
 */
export function detectDependency(message: string): DependencyReason | null {
  const text = withoutGreeting(message).replaceAll('’', "'");
  const tokens = readTokens(text);
  if (tokens.length === 0) return null;
  const content = tokens.filter((token) => !token.isStopWord);
  if (correction.test(text) && tokens.length <= 14) return 'correction';
  if (more.test(text)) return 'more';
  if (bareQuestion.test(text)) return 'fragment';
  const opened = text.replace(/^(?:(?:so|then|well|ok(?:ay)?|or|and|but|also)\b[\s,.!]*)+/iu, '');
  if (opened !== text && tokens.length > 5 && wholeQuestion.test(opened)) return detectDependency(opened);
  if (continuation.test(text) && content.length < selfContainedWords + 2) return 'continuation';
  if (isFragment(text, tokens, content.length)) return 'fragment';
  if (comparison.test(text) && content.length < selfContainedWords) return 'comparison';
  return content.length < selfContainedWords + 2 && hasLoosePronoun(tokens) ? 'pronoun' : null;
}

/** A prepositional phrase, or one or two words with a question mark and no verb of asking. */
function isFragment(text: string, tokens: readonly EvidenceToken[], contentCount: number): boolean {
  const asksItself =
    /[,;]\s*(?:who|what|when|where|why|how|which|is|are|do|does|did|can|could|should|would|will|i|my)\b/iu.test(
      text,
    );
  if (prepositional.test(text) && !asksItself && contentCount <= 4)
    return (
      !/^when (?:is|are|was|were|did|do|does|should|can|will|would)\b/iu.test(text) &&
      !/^in (?:what|which)\b|^(?:at|for|by|to|from|with|on) (?:what|which|whom)\b/iu.test(text)
    );
  return text.endsWith('?') && tokens.length <= 2 && contentCount > 0;
}

function hasLoosePronoun(tokens: readonly EvidenceToken[]): boolean {
  let contentBefore = 0;
  let hasPerson = false;
  for (const [index, token] of tokens.entries()) {
    if (personalPronouns.has(token.word) && !hasPerson) return true;
    if (thingPronouns.has(token.word) && contentBefore <= 1 && !isExplained(tokens, index)) return true;
    if (persons.has(token.word) || (token.isCapitalised && index > 0 && token.word !== 'i')) hasPerson = true;
    if (!token.isStopWord) contentBefore += 1;
  }
  return false;
}

/** "Is it normal to cry?", "that my wife left", "one of us", "is there a way": the sentence itself says what is meant. */
function isExplained(tokens: readonly EvidenceToken[], index: number): boolean {
  const word = tokens[index]?.word ?? '';
  const rest = tokens.slice(index + 1);
  const contentAfter = rest.filter((token) => !token.isStopWord).length;
  const next = rest[0];
  if (word === 'it') {
    const opens = rest.findIndex((token) => /^(?:to|that|if|when|like)$/u.test(token.word));
    return opens >= 0 && rest.slice(opens + 1).some((token) => !token.isStopWord) && contentAfter >= 2;
  }
  if (word === 'there') return true;
  if (word === 'one') return next !== undefined && (!next.isStopWord || next.word === 'of');
  if (word === 'that') {
    const isClause = /^(?:i|you|we|my|your|our|the|a|people|he|she|they)$/u.test(next?.word ?? '');
    return isClause && contentAfter > 0;
  }
  return false;
}
