import { foldWord } from '../retrieval/fold-word.ts';
import type { ReplyKind } from './persona.ts';

export type SmallTalkKind = Exclude<ReplyKind, 'documents_empty'>;

const phrases: Record<SmallTalkKind, string> = {
  greeting:
    'hi|hello|hey|hiya|heya|howdy|yo|greetings|hello there|hi there|hey there|good morning|good afternoon|good evening|good day|morning|evening|' +
    'welcome back|im back|nice to meet you|pleased to meet you|namaste|salaam|shalom|aloha|hola|buenos dias|buenas tardes|bonjour|salut|bonsoir|hallo|guten tag|guten morgen|servus|moin|' +
    'ciao|buongiorno|ola|bom dia|hej|merhaba|ahoj|czesc|privet|namaskar|konnichiwa|ni hao|annyeong|amituofo|你好|您好|こんにちは|안녕하세요|привет|здравствуйте|שלום|مرحبا',
  thanks:
    'thanks|thank you|thx|ty|tysm|cheers|many thanks|thanks a lot|thank you so much|thank you very much|thanks so much|much appreciated|i appreciate it|' +
    'that helped|that helps|that was helpful|very helpful|great answer|good answer|great thanks|perfect thanks|ok thanks|ok thank you|' +
    'great|perfect|awesome|wonderful|cool|nice|ok|okay|got it|understood|gracias|muchas gracias|merci|merci beaucoup|danke|danke schon|vielen dank|grazie|obrigado|obrigada|arigato|xie xie|谢谢|ありがとう|спасибо|תודה|شكرا',
  goodbye:
    'bye|bye bye|goodbye|good bye|see you|see ya|see you later|see you soon|see you tomorrow|later|cya|farewell|take care|good night|goodnight|have a nice day|have a good day|until next time|' +
    'talk to you later|i have to go|i must go|gotta go|thats all|that is all|thats all for now|adios|hasta luego|au revoir|tschuss|auf wiedersehen|arrivederci|再见|さようなら|пока|до свидания',
  how_are_you:
    'how are you|how are you doing|how are you today|how are you feeling|how r u|how are u|hows it going|how is it going|whats up|what is up|wassup|sup|how do you do|how have you been|hows your day|how is your day|' +
    'you ok|are you ok|are you well|como estas|que tal|ca va|comment ca va|wie gehts|wie geht es dir|come stai',
  who_are_you:
    'who are you|who r u|who are u|what are you|what is your name|whats your name|your name|are you human|are you a human|are you a person|are you a real person|are you real|are you a bot|are you a robot|' +
    'are you an ai|are you ai|are you chatgpt|is this a bot|is this a real person|am i talking to a human|am i talking to a bot|am i talking to a real person|introduce yourself|tell me about yourself|' +
    'tell me who you are|who am i talking to|who am i speaking to|who is this|who made you|who built you|who created you|quien eres|qui es tu|wer bist du|chi sei',
  capabilities:
    'what can you do|what can you do for me|what can you help with|what can you help me with|how can you help|how can you help me|can you help|can you help me|help|help me|i need help|what do you know|what do you know about|' +
    'what can i ask|what can i ask you|what should i ask|what should i ask you|what topics do you know|what topics do you cover|which topics do you cover|what are your topics|what subjects do you cover|' +
    'what questions can i ask|what questions can you answer|what are you good at|what are your skills|what are your specialties|what do you do|what is this|how does this work|how do i use this|what is this for|' +
    'give me some examples|show me examples|menu|what can we talk about|what do you talk about|start|was kannst du|que puedes hacer|que peux tu faire',
  documents:
    'list your documents|list documents|list the documents|list all documents|show your documents|show me your documents|show documents|show all documents|what documents do you have|which documents do you have|what sources do you have|which sources do you have|' +
    'list your sources|list sources|show your sources|show me your sources|show sources|what are your sources|what is in your knowledge base|whats in your knowledge base|what is in your library|whats in your library|show me your library|' +
    'what books do you have|what materials do you have|what do you base your answers on|where do you get your answers|where do you get your answers from|where does your knowledge come from|where do your answers come from|' +
    'what do you have in your knowledge base|list your knowledge|show your knowledge|what files do you have|list files|list your files|documents|sources|which documents do you use|what documents do you use|what sources do you use',
};

/** Words that may stand around a phrase without making it a question of its own. */
const fillers =
  'there friend my dear master teacher sir sensei sifu please so much very really everyone all again you to o oh ah well and then just now today for your help the answer a lot kindly everybody guys folks buddy mate';
/** Openers that a following phrase may stand behind: "hi, who are you?", "ok thanks bye". */
const openers: ReadonlySet<SmallTalkKind> = new Set(['greeting', 'thanks']);
const longestPhraseWords = 9;

type Phrase = { kind: SmallTalkKind; words: string[] };

const fillerWords = new Set(fillers.split(' '));
const knownPhrases: Phrase[] = Object.entries(phrases)
  .flatMap(([kind, list]) =>
    list.split('|').map((phrase) => ({ kind: kind as SmallTalkKind, words: phrase.split(' ') })),
  )
  .sort((left, right) => right.words.length - left.words.length);

/**
 * Tells a message that needs no search: a greeting, thanks, a goodbye, or a question about the persona itself. The
 * whole message must consist of such phrases, filler words, emoji and the persona's name (`names`); one typing slip a
 * word is forgiven. "hi, how do I begin to meditate?" is a question and gives null. Of several kinds the last one that
 * is not a greeting or thanks decides ("hi, who are you?").
 */
export function detectSmallTalk(message: string, names: readonly string[] = []): SmallTalkKind | null {
  const words = readWords(message);
  if (words.length === 0) return isOnlyEmoji(message) ? 'greeting' : null;
  if (words.length > longestPhraseWords * 2) return null;
  const address = new Set(names.flatMap((name) => readWords(name)));
  const kinds: SmallTalkKind[] = [];
  let place = 0;
  while (place < words.length) {
    const phrase = knownPhrases.find((candidate) => standsAt(candidate.words, words, place));
    if (phrase !== undefined) {
      kinds.push(phrase.kind);
      place += phrase.words.length;
    } else if (address.has(words[place] ?? '') || (kinds.length > 0 && fillerWords.has(words[place] ?? ''))) {
      place += 1;
    } else {
      return null;
    }
  }
  if (kinds.length === 0) return words.every((word) => address.has(word)) ? 'greeting' : null;
  return kinds.findLast((kind) => !openers.has(kind)) ?? kinds.at(-1) ?? null;
}

function readWords(text: string): string[] {
  return [...text.normalize('NFKC').matchAll(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)*/gu)]
    .map((match) => foldSmallTalk(match[0]))
    .filter((word) => word !== '');
}

/** Lower case without apostrophes and accents; letters that are held ("hiiii") count once or twice. */
function foldSmallTalk(word: string): string {
  const folded = foldWord(word.replaceAll(/['’]/gu, ''));
  return folded.replaceAll(/(\p{L})\1{2,}/gu, '$1');
}

function standsAt(phrase: readonly string[], words: readonly string[], place: number): boolean {
  return phrase.every((word, index) => isSame(words[place + index] ?? '', foldSmallTalk(word)));
}

/** Equal, or one slip apart in a word of five letters or more that keeps its first letter. */
function isSame(written: string, meant: string): boolean {
  if (written === meant) return true;
  if (meant.length < 5 || written[0] !== meant[0] || Math.abs(written.length - meant.length) > 1)
    return false;
  let start = 0;
  while (start < Math.min(written.length, meant.length) && written[start] === meant[start]) start++;
  const [rest, meantRest] = [written.slice(start), meant.slice(start)];
  const isSwap = rest.slice(2) === meantRest.slice(2) && rest[0] === meantRest[1] && rest[1] === meantRest[0];
  return (
    isSwap ||
    rest.slice(1) === meantRest.slice(1) ||
    rest === meantRest.slice(1) ||
    rest.slice(1) === meantRest
  );
}

function isOnlyEmoji(text: string): boolean {
  const rest = text.replaceAll(/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f|[\s!.]/gu, '');
  return rest === '' && /\p{Extended_Pictographic}/u.test(text);
}
