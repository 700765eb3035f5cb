import type { IconNode } from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { ApiError } from '../lib/api.ts';
import { say } from '../lib/toasts.ts';
import { Icon } from './icon.tsx';

interface Look {
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly small?: boolean;
  readonly icon?: IconNode;
  /** Where the icon alone is the button. */
  readonly label?: string;
  readonly children?: ComponentChildren;
  /** The key that does the same. */
  readonly shortcut?: string;
}

function classes({ kind = 'plain', small, label, children }: Look): string {
  return ['button', kind, small && 'small', label && !children && 'icon-only'].filter(Boolean).join(' ');
}

function Inside({ icon, children, small }: Look): VNode {
  return (
    <>
      {icon && <Icon of={icon} size={small ? 14 : 16} />}
      {children !== undefined && <span>{children}</span>}
    </>
  );
}

export function Button(
  given: Look & { onClick?: () => void; type?: 'button' | 'submit'; disabled?: boolean; busy?: boolean },
): VNode {
  return (
    <button
      type={given.type ?? 'button'}
      class={classes(given)}
      disabled={given.disabled ?? false}
      aria-busy={given.busy || undefined}
      aria-label={given.label}
      title={given.children === undefined ? given.label : undefined}
      data-shortcut={given.shortcut}
      aria-keyshortcuts={given.shortcut}
      onClick={given.onClick}
    >
      <Inside {...given} />
    </button>
  );
}

/** A button for something that takes its time, and says when it failed. */
export function ActionButton(given: Look & { act: () => Promise<unknown>; disabled?: boolean }): VNode {
  const [busy, setBusy] = useState(false);
  const { act, disabled, ...look } = given;
  async function run(): Promise<void> {
    setBusy(true);
    await act().catch((error: unknown) => say('bad', explain(error)));
    setBusy(false);
  }
  return <Button {...look} busy={busy} disabled={busy || disabled === true} onClick={() => void run()} />;
}

export function LinkButton(given: Look & { href: string; outside?: boolean }): VNode {
  const outside = given.outside ? { target: '_blank', rel: 'noopener' } : {};
  return (
    <a class={classes(given)} href={given.href} aria-label={given.label} {...outside}>
      <Inside {...given} />
    </a>
  );
}

/** What went wrong, and what to do, in the words of the page. */
export function explain(error: unknown): string {
  const { failed } = words.peek();
  if (!(error instanceof ApiError))
    return failed.other(error instanceof Error ? error.message : String(error));
  if (error.code === 'unreachable') return `${failed.unreachable} ${failed.unreachableNext}`;
  const issues = error.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return failed.other(issues.length > 0 ? issues.join('; ') : error.message);
}
