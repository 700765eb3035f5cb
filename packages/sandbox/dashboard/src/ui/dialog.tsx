import { X } from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { Button } from './button.tsx';

/** The browser's own modal dialog: it keeps the focus inside, closes with Escape and gives the focus back. */
export function Dialog(given: {
  title: string;
  hint?: ComponentChildren;
  onClose: () => void;
  wide?: boolean;
  children: ComponentChildren;
}): VNode {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  const latest = useRef(given.onClose);
  latest.current = given.onClose;
  useEffect(() => {
    const dialog = element.current;
    const closed = (): void => latest.current();
    dialog?.addEventListener('close', closed);
    dialog?.showModal();
    return () => {
      // whoever takes it away knows; the event would come late, and close the dialog that opened next
      dialog?.removeEventListener('close', closed);
      dialog?.close();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={given.wide ? 'wide' : ''}
      aria-labelledby={id}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) given.onClose();
      }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={id}>{given.title}</h2>
          <Button kind="quiet" icon={X} label={words.value.close} onClick={given.onClose} />
        </div>
        {given.hint && <p class="hint">{given.hint}</p>}
        {given.children}
      </div>
    </dialog>
  );
}
