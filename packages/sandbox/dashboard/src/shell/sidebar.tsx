import {
  Clock,
  Handshake,
  type IconNode,
  Landmark,
  LayoutDashboard,
  ReceiptText,
  ScrollText,
  Settings2,
  Store,
  Users,
  Webhook,
  Zap,
} from 'lucide';
import type { VNode } from 'preact';
import { type Dictionary, words } from '../i18n/index.ts';
import { count } from '../lib/format.ts';
import { language } from '../lib/preferences.ts';
import { place, to } from '../lib/router.ts';
import { status } from '../lib/sandbox.ts';
import { Icon } from '../ui/icon.tsx';
import { menuOpen } from './menu.ts';

type Name = keyof Dictionary['nav'];

interface Item {
  readonly name: Name;
  readonly icon: IconNode;
  readonly path: string;
  readonly counted?: 'payments' | 'customers' | 'notices' | 'requests' | 'merchants' | 'faults';
}

const GROUPS: readonly { readonly title?: Name; readonly items: readonly Item[] }[] = [
  { items: [{ name: 'overview', icon: LayoutDashboard, path: '' }] },
  {
    title: 'money',
    items: [
      { name: 'payments', icon: ReceiptText, path: 'payments', counted: 'payments' },
      { name: 'customers', icon: Users, path: 'customers', counted: 'customers' },
      { name: 'bank', icon: Landmark, path: 'bank' },
    ],
  },
  {
    title: 'traffic',
    items: [
      { name: 'webhooks', icon: Webhook, path: 'webhooks', counted: 'notices' },
      { name: 'requests', icon: ScrollText, path: 'requests', counted: 'requests' },
    ],
  },
  {
    title: 'accounts',
    items: [
      { name: 'merchants', icon: Store, path: 'merchants', counted: 'merchants' },
      { name: 'partner', icon: Handshake, path: 'partner' },
    ],
  },
  {
    title: 'control',
    items: [
      { name: 'faults', icon: Zap, path: 'faults', counted: 'faults' },
      { name: 'clock', icon: Clock, path: 'clock' },
      { name: 'settings', icon: Settings2, path: 'settings' },
    ],
  },
];

export function Sidebar(): VNode {
  const { nav, appName, top } = words.value;
  const current = place.value.parts[0] ?? '';
  const known = status.value;
  return (
    <aside class={`sidebar ${menuOpen.value ? 'open' : ''}`} id="sidebar">
      <a class="brand" href={to([])}>
        <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" class="brand-ground" />
          <path d="M8 10h16M16 10v13" class="brand-line" />
          <circle cx="23.5" cy="22.5" r="3.5" class="brand-dot" />
        </svg>
        <span>{appName}</span>
      </a>
      <nav aria-label={nav.label}>
        {GROUPS.map(({ title, items }) => (
          <div key={title ?? 'first'} class="nav-group">
            {title !== undefined && <p class="nav-title">{nav[title]}</p>}
            <ul>
              {items.map((item) => {
                const many = item.counted === undefined ? 0 : (known?.counts[item.counted] ?? 0);
                return (
                  <li key={item.path}>
                    <a
                      href={to(item.path === '' ? [] : [item.path])}
                      aria-current={current === item.path ? 'page' : undefined}
                      onClick={() => {
                        menuOpen.value = false;
                      }}
                    >
                      <Icon of={item.icon} size={17} />
                      <span>{nav[item.name]}</span>
                      {many > 0 && (
                        <span class={`badge num ${item.name === 'faults' ? 'warn' : ''}`}>
                          {count(many, language.value)}
                        </span>
                      )}
                    </a>
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      </nav>
      {known && (
        <p class="sidebar-foot">
          {known.version} · {known.storage === undefined ? top.storage.memory : top.storage.file}
        </p>
      )}
    </aside>
  );
}
