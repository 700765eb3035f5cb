import { CircleCheck, TriangleAlert, X } from 'lucide';
import type { VNode } from 'preact';
import { words } from '../i18n/index.ts';
import { dismiss, toasts } from '../lib/toasts.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** What came of the last actions. Always in the page, so that screen readers hear what is put in. */
export function Toasts(): VNode {
  return (
    <div class="toasts" role="log" aria-live="polite">
      {toasts.value.map(({ id, tone, text, link }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon of={tone === 'good' ? CircleCheck : TriangleAlert} size={18} />
          <p>
            {text} {link && <a href={link.href}>{link.text}</a>}
          </p>
          <Button kind="quiet" small icon={X} label={words.value.close} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
