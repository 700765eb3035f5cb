import type { IconNode } from 'lucide';
import { h, type VNode } from 'preact';

/** An icon that says nothing by itself: what it stands beside, or the button's label, has the words. */
export function Icon({ of, size = 16 }: { of: IconNode; size?: number }): VNode {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {of.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
