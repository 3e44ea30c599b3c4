/** Letters of other scripts, and symbols, that stand in for Latin letters (a selection of Unicode TR39 confusables). */
export const letterLookalikes: Readonly<Record<string, string>> = {
  а: 'a', в: 'b', с: 'c', ԁ: 'd', е: 'e', ғ: 'f', һ: 'h', н: 'h', і: 'i', ј: 'j', к: 'k', ӏ: 'l', м: 'm', п: 'n',
  о: 'o', р: 'p', ԛ: 'q', г: 'r', ѕ: 's', т: 't', ѵ: 'v', ѡ: 'w', ш: 'w', х: 'x', у: 'y', ё: 'e', ь: 'b', и: 'u',
  α: 'a', β: 'b', ϲ: 'c', δ: 'd', ε: 'e', η: 'n', ι: 'i', κ: 'k', μ: 'm', ν: 'v', ο: 'o', ρ: 'p', σ: 'o', τ: 't',
  υ: 'u', χ: 'x', ω: 'w', γ: 'y', ζ: 'z', λ: 'l', π: 'n', ς: 's',
  ı: 'i', ɡ: 'g', ɑ: 'a', ɩ: 'i', ƒ: 'f', ł: 'l', ø: 'o', đ: 'd', ħ: 'h', ŧ: 't', ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th',
  օ: 'o', ս: 'u', ո: 'n', հ: 'h', զ: 'q', ց: 'g', յ: 'j', ք: 'p', ɴ: 'n', ʀ: 'r', ɪ: 'i', ʟ: 'l', ᴀ: 'a', ʙ: 'b',
  ᴄ: 'c', ᴅ: 'd', ᴇ: 'e', ɢ: 'g', ʜ: 'h', ᴊ: 'j', ᴋ: 'k', ᴍ: 'm', ᴏ: 'o', ᴘ: 'p', ꜱ: 's', ᴛ: 't', ᴜ: 'u', ᴠ: 'v',
  ᴡ: 'w', ʏ: 'y', ᴢ: 'z',
};

/** Digits and symbols written for letters inside a word. */
export const leetLetters: Readonly<Record<string, string>> = {
  '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '@': 'a', $: 's', '!': 'i', '|': 'l', '€': 'e', '+': 't',
};

/** Emoji whose meaning matters to the guard; all others are dropped. */
export const emojiWords: Readonly<Record<string, string>> = {
  '🔪': 'knife', '🗡': 'knife', '🔫': 'gun', '💣': 'bomb', '🧨': 'explosive', '💥': 'explosion', '🪓': 'axe', '💀': 'dead',
  '☠': 'dead', '⚰': 'coffin', '🪦': 'grave', '💊': 'pills', '💉': 'needle', '🩸': 'blood', '🔥': 'fire', '😂': 'laughing',
  '🤣': 'laughing', '😆': 'laughing', '😢': 'sad', '😭': 'crying', '😔': 'sad', '😞': 'sad', '💔': 'heartbroken', '❤': 'love',
  '🙏': 'please', '🥋': 'martial arts', '🏀': 'basketball', '⚽': 'football', '🎮': 'game', '☕': 'tea', '🍵': 'tea',
};

/** Words that writers hide with spaces, stars or stretched letters. */
export const hiddenWords: readonly string[] = [
  'kill', 'killing', 'suicide', 'suicidal', 'die', 'dying', 'dead', 'death', 'bomb', 'murder', 'rape', 'hurt', 'harm', 'cut', 'cutting',
  'gun', 'shoot', 'stab', 'hack', 'steal', 'drugs', 'drug', 'meth', 'cocaine', 'heroin', 'weapon', 'poison', 'explosive', 'porn', 'sex',
  'nude', 'self', 'myself', 'yourself', 'my', 'me', 'i', 'want', 'to', 'wanna', 'how', 'make', 'build', 'a', 'the', 'end', 'life', 'it',
  'all', 'do', 'you', 'can', 'get', 'buy', 'him', 'her', 'them', 'people', 'wife', 'husband', 'boss', 'someone', 'please', 'help', 'hate',
  'hang', 'jump', 'pills', 'overdose', 'hello', 'go', 'of', 'for', 'in', 'at', 'home', 'is', 'am', 'not', 'live', 'bank', 'need',
];

/** Spoken short forms and chat spelling, written out so that one rule covers all of them. */
export const shortForms: Readonly<Record<string, string>> = {
  im: 'i am', ive: 'i have', dont: 'do not', doesnt: 'does not', didnt: 'did not', cant: 'can not', cannot: 'can not', wont: 'will not',
  isnt: 'is not', arent: 'are not', wasnt: 'was not', werent: 'were not', couldnt: 'could not', shouldnt: 'should not', wouldnt: 'would not',
  hasnt: 'has not', havent: 'have not', hadnt: 'had not', aint: 'am not', wanna: 'want to', gonna: 'going to', gotta: 'have to',
  goin: 'going', tryna: 'trying to', lemme: 'let me', gimme: 'give me', dunno: 'do not know', u: 'you', ur: 'your', r: 'are', ya: 'you',
  pls: 'please', plz: 'please', thx: 'thanks', bc: 'because', cuz: 'because', cos: 'because', coz: 'because', idk: 'i do not know',
  hows: 'how is', whats: 'what is', wheres: 'where is', whos: 'who is', thats: 'that is', hes: 'he is', shes: 'she is', theyre: 'they are',
  youre: 'you are', theres: 'there is', nobodys: 'nobody is', everyones: 'everyone is', tonite: 'tonight', tmrw: 'tomorrow', rn: 'right now',
  anymore: 'any more', everybody: 'everyone', mum: 'mom', mummy: 'mom', mommy: 'mom', mama: 'mom', daddy: 'dad', papa: 'dad', bf: 'boyfriend',
  gf: 'girlfriend', hubby: 'husband', lyfe: 'life', lfie: 'life', wnat: 'want', watn: 'want', hw: 'how', mak: 'make', kil: 'kill', kll: 'kill',
  sucide: 'suicide', suicde: 'suicide', suiside: 'suicide', sewerslide: 'suicide', commiting: 'committing', comit: 'commit',
  unalive: 'kill myself', unaliving: 'killing', kms: 'kill myself', kys: 'kill yourself', ctb: 'commit suicide', nomore: 'no more', hom: 'home',
  explosivs: 'explosives', tho: 'though', thru: 'through', luv: 'love', msg: 'message', ppl: 'people', smth: 'something', sth: 'something',
};
