import type { OwnAccount } from '../../../shared/accounts.ts';
import { IconButton } from '../../components/button.tsx';
import { ListIcon, NewIcon, PersonIcon } from '../../components/icons.tsx';
import { ThemeToggle } from '../../components/theme-toggle.tsx';
import { strings } from '../../strings.ts';

type HeaderProps = {
  profile: OwnAccount | null;
  isDrawerOpen: boolean;
  hasConversation: boolean;
  onDrawer: () => void;
  onNew: () => void;
  onAccount: () => void;
};

/** The line above everything: conversations, the name of the place, a new chat, the light, the account. */
export function PageHeader(props: HeaderProps) {
  const { profile, isDrawerOpen, hasConversation, onDrawer, onNew, onAccount } = props;
  return (
    <header className="sticky top-0 z-20 border-b border-transparent bg-paper/92 backdrop-blur-sm">
      <nav
        aria-label={strings.navigation}
        className="mx-auto flex h-14 max-w-[76rem] items-center gap-1 px-2 sm:px-4"
      >
        <IconButton label={strings.chats.open} onClick={onDrawer} isExpanded={isDrawerOpen}>
          <ListIcon />
        </IconButton>
        <a
          href="/"
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            onNew();
          }}
          className="ml-1 min-w-0 flex-1 truncate font-serif text-[1.0625rem] italic"
        >
          {strings.product}
        </a>
        {hasConversation ? (
          <IconButton label={strings.chats.fresh} onClick={onNew}>
            <NewIcon />
          </IconButton>
        ) : null}
        <ThemeToggle />
        <AccountButton profile={profile} onAccount={onAccount} />
      </nav>
    </header>
  );
}

type AccountButtonProps = Pick<HeaderProps, 'profile' | 'onAccount'>;

function AccountButton({ profile, onAccount }: AccountButtonProps) {
  const name = profile === null ? null : (profile.name ?? profile.username);
  return (
    <button
      type="button"
      onClick={onAccount}
      aria-label={name === null ? strings.account.signIn : strings.account.signedInAs(name)}
      aria-haspopup="dialog"
      className="inline-flex h-10 items-center gap-2 rounded-full px-2.5 text-[0.9375rem] text-soft transition-colors hover:bg-sunken hover:text-ink"
    >
      <PersonIcon />
      <span className="hidden max-w-40 truncate sm:inline">{name ?? strings.account.signIn}</span>
    </button>
  );
}
