import { ApiError } from '../../../shared/client/api-error.ts';
import type { Document, Passage } from '../../../shared/documents.ts';
import type { Source } from '../../../shared/messages.ts';
import { api, fileAddress } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DrawnCircle } from '../../components/garden.tsx';
import { CloseIcon, OutIcon } from '../../components/icons.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { strings } from '../../strings.ts';
import { PassageContext } from './passage-context.tsx';
import { placeOf, safeAddress } from './source-place.ts';

type PanelProps = {
  source: Source;
  isWide: boolean;
  onClose: () => void;
};

/** The cited passage where it stands: beside the conversation on a wide window, over it on a narrow one. */
export function SourcePanel({ source, isWide, onClose }: PanelProps) {
  const { loaded, retry } = useLoaded((signal) => loadSource(source, signal));
  const document = loaded.status === 'ready' ? loaded.value.document : null;
  const byline = [document?.author, document?.published_date?.slice(0, 4), placeOf(source)].filter(Boolean);
  const place = isWide
    ? 'top-0 right-0 bottom-0 left-auto h-full w-[27rem] border-l animate-from-right'
    : 'inset-x-0 bottom-0 top-auto max-h-[88dvh] w-full rounded-t-2xl border-t animate-settle';
  return (
    <Dialog
      label={strings.sources.panel}
      isModal={!isWide}
      onClose={onClose}
      className={`fixed z-30 m-0 max-w-none flex-col overflow-hidden border-line bg-raised shadow-lift open:flex ${isWide ? 'max-h-none' : ''} ${place}`}
    >
      <header className="flex items-start gap-3 border-b border-line py-4 pr-3 pl-6">
        <span className="mt-0.5 flex size-8 shrink-0 items-center justify-center rounded-slip bg-seal font-semibold text-on-seal">
          {source.marker}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="font-serif text-xl leading-snug">{source.title}</h2>
          <p className="mt-0.5 text-note text-soft">{byline.join(' · ')}</p>
        </div>
        <IconButton label={strings.close} onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-6 py-5">
        {loaded.status === 'loading' ? (
          <output className="flex items-center gap-3 text-soft">
            <DrawnCircle className="size-6" /> {strings.sources.loading}
          </output>
        ) : null}
        {loaded.status === 'ready' ? (
          <PassageContext passages={loaded.value.passages} source={source} />
        ) : null}
        {loaded.status === 'failed' ? (
          <Notice action={<Button onClick={retry}>{strings.retry}</Button>}>{loaded.problem.detail}</Notice>
        ) : null}
      </div>
      <SourceLinks source={source} fileName={document?.file_name ?? null} />
    </Dialog>
  );
}

function SourceLinks({ source, fileName }: { source: Source; fileName: string | null }) {
  const video = safeAddress(source.youtube_url);
  const web = safeAddress(source.url);
  const isPdf = source.page !== null;
  if (video === null && web === null && fileName === null) return null;
  return (
    <footer className="flex flex-wrap gap-2 border-t border-line px-6 py-4">
      {fileName === null ? null : (
        <OutLink address={fileAddress(source.document_id, source.page)}>
          {isPdf ? strings.sources.openPage(source.page ?? 1) : strings.sources.openFile}
        </OutLink>
      )}
      {video === null ? null : (
        <OutLink address={video}>{strings.sources.openVideo(source.timestamp)}</OutLink>
      )}
      {web === null || web === video ? null : <OutLink address={web}>{strings.sources.openWeb}</OutLink>}
    </footer>
  );
}

function OutLink({ address, children }: { address: string; children: string }) {
  return (
    <a
      href={address}
      target="_blank"
      rel="noreferrer"
      className="inline-flex min-h-10 items-center gap-2 rounded-full border border-line-strong/60 px-4 py-1.5 text-[0.9375rem] font-medium transition-colors hover:border-seal hover:text-seal"
    >
      {children}
      <OutIcon />
      <span className="sr-only">{strings.sources.newTab}</span>
    </a>
  );
}

type SourceInContext = { document: Document | null; passages: Passage[] };

/** A source's document with its passages in the cited version; nothing of either when it was removed since. */
async function loadSource(source: Source, signal: AbortSignal): Promise<SourceInContext> {
  const { document_id: documentId, version } = source;
  try {
    const [document, passages] = await Promise.all([
      api.getDocument(documentId),
      api.listPassages(documentId, { version, signal }),
    ]);
    return { document, passages };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return { document: null, passages: [] };
    throw error;
  }
}
