import { ArrowLeft, type IconNode } from 'lucide';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { words } from '../i18n/index.ts';
import { ApiError } from '../lib/api.ts';
import type { Loaded } from '../lib/load.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** A view's heading with what can be done in it; it names the tab, too. The router moves the focus here. */
export function Heading(given: {
  title: ComponentChildren;
  lead?: ComponentChildren;
  back?: { href: string; text: string };
  children?: ComponentChildren;
}): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  // what it says may come later than the view
  useEffect(() => {
    document.title = `${heading.current?.textContent} · ${words.peek().appName}`;
  });
  return (
    <header class="heading">
      {given.back && (
        <a class="back" href={given.back.href}>
          <Icon of={ArrowLeft} size={14} />
          {given.back.text}
        </a>
      )}
      <div class="heading-row">
        <h1 ref={heading} tabIndex={-1}>
          {given.title}
        </h1>
        {given.children && <div class="actions">{given.children}</div>}
      </div>
      {given.lead && <p class="lead">{given.lead}</p>}
    </header>
  );
}

export function Panel(given: {
  title: ComponentChildren;
  hint?: ComponentChildren;
  actions?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}): VNode {
  const id = useId();
  return (
    <section class={`panel ${given.class ?? ''}`} aria-labelledby={id}>
      <div class="panel-head">
        <div>
          <h2 id={id}>{given.title}</h2>
          {given.hint && <p class="hint">{given.hint}</p>}
        </div>
        {given.actions && <div class="actions">{given.actions}</div>}
      </div>
      {given.children}
    </section>
  );
}

/** Nothing here yet, and what to do about it. */
export function Empty(given: {
  icon: IconNode;
  title: string;
  next?: ComponentChildren;
  children?: ComponentChildren;
}): VNode {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon of={given.icon} size={22} />
      </span>
      <p class="empty-title">{given.title}</p>
      {given.next && <p class="hint">{given.next}</p>}
      {given.children && <div class="actions">{given.children}</div>}
    </div>
  );
}

/** What was read, or that it is being read, or why it could not be. */
export function Showing<T>(given: { of: Loaded<T>; children: (data: T) => ComponentChildren }): VNode {
  const { data, error, loading, reload } = given.of;
  const { failed, retry, loading: wait } = words.value;
  if (data !== undefined) return <>{given.children(data)}</>;
  if (error === undefined) {
    return (
      <p class="waiting" aria-busy={loading} role="status">
        {wait}
      </p>
    );
  }
  const code = error instanceof ApiError ? error.code : undefined;
  const known = code === 'unreachable' || code === 'not_found' ? code : undefined;
  return (
    <div class="failure" role="alert">
      <p class="empty-title">{known === undefined ? failed.other(error.message) : failed[known]}</p>
      {known !== undefined && <p class="hint">{failed[`${known}Next`]}</p>}
      <Button onClick={reload}>{retry}</Button>
    </div>
  );
}

/** Names and values. */
export function Facts({
  of,
}: {
  of: readonly (readonly [string, ComponentChildren] | false | undefined)[];
}): VNode {
  return (
    <dl class="facts">
      {of.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
