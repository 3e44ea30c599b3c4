import type { OwnAccount } from '../../../shared/accounts.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { CloseIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';

type ProfileProps = { profile: OwnAccount; onSignOut: () => void; onClose: () => void };

/** Who is signed in, and the way out. */
export function ProfileDialog({ profile, onSignOut, onClose }: ProfileProps) {
  return (
    <Dialog
      label={strings.account.profile}
      isModal
      onClose={onClose}
      className="m-auto w-[22rem] max-w-[calc(100vw-2rem)] animate-settle rounded-card border border-line bg-raised shadow-lift"
    >
      <div className="space-y-4 p-6">
        <div className="flex items-start justify-between gap-3">
          <h2 className="min-w-0 font-serif text-2xl break-words">{profile.name ?? profile.username}</h2>
          <IconButton label={strings.close} onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </div>
        {profile.email === null ? null : <p className="break-words text-soft">{profile.email}</p>}
        <Button onClick={onSignOut}>{strings.account.signOut}</Button>
      </div>
    </Dialog>
  );
}
