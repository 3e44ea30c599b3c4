import type { Chat } from '../../../shared/chats.ts';
import type { Message, Source } from '../../../shared/messages.ts';

/** A chat as a file: Markdown for people, JSON for programs. */
export function exportChat(chat: Chat, format: 'md' | 'json'): { content: string; mediaType: string } {
  if (format === 'json')
    return { content: JSON.stringify(chat, null, 2), mediaType: 'application/json; charset=utf-8' };
  const parts = chat.messages.map((message) =>
    message.role === 'user' ? `## ${message.content}` : answerOf(message),
  );
  return {
    content: [`# ${chat.title}`, ...parts, ''].join('\n\n'),
    mediaType: 'text/markdown; charset=utf-8',
  };
}

function answerOf(message: Message): string {
  const note = message.status === 'complete' ? [] : [`_(${message.status})_`];
  const sources = message.sources.map(sourceLine);
  return [message.content, ...note, ...(sources.length > 0 ? [sources.join('\n')] : [])].join('\n\n');
}

function sourceLine(source: Source): string {
  const place = source.page === null ? (source.timestamp ?? '') : `page ${source.page}`;
  const link = source.youtube_url ?? source.url;
  const title = link === null ? source.title : `[${source.title}](${link})`;
  return `${source.marker}. ${title}${place === '' ? '' : `, ${place}`}`;
}
