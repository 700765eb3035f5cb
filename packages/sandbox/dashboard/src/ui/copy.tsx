import { Check, Copy } from 'lucide';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { say } from '../lib/toasts.ts';
import { Button } from './button.tsx';

/** Copies, and says so to eyes and ears. */
export function CopyButton({ text, what, label }: { text: string; what: string; label?: string }): VNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const icon = copied ? Check : Copy;
  async function write(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // not to be had on an address that is neither HTTPS nor this machine
      say('bad', words.peek().copyFailed);
    }
  }
  const copy = (): void => void write();
  return (
    <>
      {label === undefined ? (
        <Button kind="quiet" small icon={icon} label={words.value.copyOf(what)} onClick={copy} />
      ) : (
        <Button small icon={icon} onClick={copy}>
          {copied ? words.value.copied : label}
        </Button>
      )}
      <span class="hidden" role="status">
        {copied ? words.value.copied : ''}
      </span>
    </>
  );
}

/** A value that people take elsewhere, such as a CVU. */
export function Copyable({ text, what, short }: { text: string; what: string; short?: string }): VNode {
  return (
    <span class="copyable">
      <code title={short === undefined ? undefined : text}>{short ?? text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** The same for what should not stand on a shared screen. */
export function Concealed({ text, what }: { text: string; what: string }): VNode {
  const [shown, setShown] = useState(false);
  const { field } = words.value;
  return (
    <span class="copyable">
      <code>{shown ? text : '••••••••'}</code>
      <Button kind="quiet" small onClick={() => setShown(!shown)}>
        {shown ? field.hide : field.show}
      </Button>
      <CopyButton text={text} what={what} />
    </span>
  );
}
