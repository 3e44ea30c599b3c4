/** Every sentence of the page, in one place. `name` is the persona's name. */
export const strings = {
  product: 'What Would Herman Do?',
  skipToQuestion: 'Skip to your question',
  navigation: 'Conversations and account',
  loading: 'Opening the gate',
  close: 'Close',
  retry: 'Try again',
  theme: { toDark: 'Use dark colours', toLight: 'Use light colours' },

  welcome: {
    starters: 'A place to begin',
    fallbackGreeting:
      'Ask what is on your mind. I answer from the knowledge kept here, and show you where it stands.',
  },
  persona: {
    portrait: (name: string) => `Portrait of ${name}`,
    notThePerson: (name: string) =>
      `${name} is a persona. Answers come only from the kept sources; open them and judge for yourself.`,
    excerpts: 'These are excerpts from the knowledge. Add a model key for written answers: set ',
    excerptsOr: ' (or ',
    excerptsEnd: ') in .env and restart. The README tells how, under “Model”.',
  },
  composer: {
    label: (name: string) => `Your question to ${name}`,
    placeholder: (name: string) => `Ask ${name}…`,
    send: 'Send the question',
    stop: 'Stop the answer',
    keys: 'Enter sends, Shift + Enter starts a new line',
    tooLong: (over: number) =>
      `${over.toLocaleString('en')} characters too long. Shorten the question to send it.`,
  },
  turn: {
    conversation: 'Conversation',
    asked: 'You asked',
    answers: (name: string) => `${name} answers`,
    phases: {
      sending: 'Sending your question',
      reading: 'Reading the sources',
      answering: 'Writing',
    },
    reconnecting: 'The connection was lost. Coming back…',
    stopped: 'You stopped this answer here.',
    interrupted: 'This answer was interrupted.',
    askAgain: 'Ask again',
    ready: 'The answer is complete.',
    toLatest: 'To the newest line',
  },
  problem: {
    title: 'That did not work',
    offline: 'You are offline. What you write is kept here; send it when the connection is back.',
    unreachable: 'The server cannot be reached. Your question is kept.',
    unexpected: 'Something unexpected happened. Try it again.',
    wait: (seconds: number) =>
      seconds <= 0 ? 'You can try again now.' : `You can try again in ${duration(seconds)}.`,
    personas: 'Nobody is here to answer yet.',
    personasHint: 'The server has no persona. Whoever runs it adds one in the folder “personas”.',
  },
  guard: {
    disclaim: 'General knowledge from the sources, not advice for your own case',
    support: 'Help comes first. You do not have to carry this alone.',
    refuse: (name: string) => `${name} leaves this question aside`,
  },
  sources: {
    heading: 'Sources',
    panel: 'Source in its context',
    chip: (marker: number, title: string) => `Source ${marker}: ${title}`,
    weakTitle: 'The source hardly supports this sentence. Read the passage before you rely on it.',
    weakNote: ' (hardly supported by its source)',
    page: (page: number) => `Page ${page}`,
    at: (time: string) => `At ${time}`,
    openPage: (page: number) => `Open PDF at page ${page}`,
    openFile: 'Open the original file',
    openVideo: (time: string | null) => (time === null ? 'Watch the recording' : `Watch from ${time}`),
    openWeb: 'Open the web page',
    newTab: '(opens in a new tab)',
    quoted: 'The cited words',
    wider: 'Show more around it',
    gone: 'The document was changed or removed since. These are the words as they were cited.',
    loading: 'Turning to the page',
  },
  chats: {
    open: 'Conversations',
    fresh: 'New chat',
    heading: 'Your conversations',
    empty: 'Nothing here yet. Your first question starts a conversation.',
    loading: 'Looking for your conversations',
    notFound: 'This conversation does not exist, or it belongs to somebody else.',
  },
  account: {
    signIn: 'Sign in',
    register: 'Create account',
    signOut: 'Sign out',
    profile: 'Your account',
    signedInAs: (name: string) => `Signed in as ${name}`,
    why: 'An account keeps your conversations on every device. You can go on as a guest.',
    username: 'Name',
    usernameOrMail: 'Name or e-mail',
    email: 'E-mail',
    password: 'Password',
    passwordHint: 'At least 8 characters.',
    haveAccount: 'I have an account',
    noAccount: 'I am new here',
    working: 'One moment…',
  },
  setup: {
    title: 'Prepare the place',
    intro: 'Make the first account. It may keep the knowledge, the personas and the other accounts.',
    knowledge: 'Knowledge to begin with',
    sample: 'Sample knowledge',
    sampleHint: 'Texts, talks and PDFs to try everything with. They can be removed later.',
    empty: 'Empty shelves',
    emptyHint: 'Only what you bring yourself.',
    submit: 'Create the first account',
    noToken: 'This link is incomplete. Open the whole address that the server printed when it started.',
    done: 'The place is ready.',
    toChat: 'Ask the first question',
  },
} as const;

function duration(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
