import {
  Clock,
  FlaskConical,
  Keyboard,
  Languages,
  Menu,
  Moon,
  Play,
  Plus,
  Send,
  Sun,
  SunMoon,
  X,
  Zap,
} from 'lucide';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { openDialog } from '../lib/dialogs.ts';
import { clockTime } from '../lib/format.ts';
import { choose, language, type Theme, theme } from '../lib/preferences.ts';
import { to } from '../lib/router.ts';
import { now, status } from '../lib/sandbox.ts';
import { connection } from '../lib/stream.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { menuOpen } from './menu.ts';

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICONS = { auto: SunMoon, light: Sun, dark: Moon };

export function TopBar(): VNode {
  const { menu, close, top, notTalo, connection: states, faults: faultWords } = words.value;
  const faults = status.value?.counts.faults ?? 0;
  const chosen = theme.value;
  return (
    <header class="top">
      <p class="not-talo">
        <Icon of={FlaskConical} size={14} />
        <span>{notTalo}</span>
      </p>
      <div class="top-row">
        <span class="menu-button">
          <Button
            kind="quiet"
            icon={menuOpen.value ? X : Menu}
            label={menuOpen.value ? close : menu}
            onClick={() => {
              menuOpen.value = !menuOpen.value;
            }}
          />
        </span>
        <div class="top-state">
          <span class={`live is-${connection.value}`} role="status">
            <span class="dot" aria-hidden="true" />
            <span class="live-text">{states[connection.value]}</span>
          </span>
          <ClockChip />
          {status.value?.scenarios.map((name) => (
            <a key={name} class="top-chip warn" href={to(['faults'])}>
              <Icon of={Play} size={14} />
              <span class="hidden">{faultWords.running}: </span>
              {name}
            </a>
          ))}
          {faults > 0 && (
            <a class="top-chip warn" href={to(['faults'])}>
              <Icon of={Zap} size={14} />
              <span class="num">{faults}</span>
              <span class="top-chip-text">{top.faults(faults)}</span>
            </a>
          )}
        </div>
        <div class="top-tools">
          <Button
            kind="quiet"
            icon={Languages}
            label={`${top.language}: ${top.switchLanguage}`}
            onClick={() => choose('language', language.value === 'es' ? 'en' : 'es')}
          />
          <Button
            kind="quiet"
            icon={ICONS[chosen]}
            label={`${top.theme}: ${top.themes[chosen]}`}
            onClick={() => choose('theme', NEXT[chosen])}
          />
          <Button
            kind="quiet"
            icon={Keyboard}
            label={top.help}
            onClick={() => openDialog({ type: 'shortcuts' })}
          />
        </div>
        <div class="top-actions">
          <Button icon={Plus} onClick={() => openDialog({ type: 'payment' })}>
            {top.payment}
          </Button>
          <Button icon={Send} onClick={() => openDialog({ type: 'transfer' })}>
            {top.transfer}
          </Button>
        </div>
      </div>
      <EscapeClosesMenu />
    </header>
  );
}

function ClockChip(): VNode {
  const { top, nav } = words.value;
  const time = clockTime(new Date(now.value).toISOString());
  const frozen = status.value?.clock.mode === 'frozen';
  return (
    <a class={`top-chip ${frozen ? 'frozen' : ''}`} href={to(['clock'])}>
      <Icon of={Clock} size={14} />
      <span class="hidden">{nav.clock}: </span>
      <span class="num">{time}</span>
      {frozen && <span>{top.frozen}</span>}
    </a>
  );
}

function EscapeClosesMenu(): null {
  const open = menuOpen.value;
  useEffect(() => {
    if (!open) return undefined;
    const closeOn = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') menuOpen.value = false;
    };
    addEventListener('keydown', closeOn);
    return () => removeEventListener('keydown', closeOn);
  }, [open]);
  return null;
}
