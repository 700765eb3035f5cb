import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';

/** Dark on white also in the dark: cameras want it so. */
export function Qr({ text, label }: { text: string; label: string }): VNode {
  const { path, size } = useMemo(() => {
    const code = generate(text);
    return { path: toSvgPath(code), size: code.size };
  }, [text]);
  const quiet = 3;
  const side = size + quiet * 2;
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`${-quiet} ${-quiet} ${side} ${side}`}>
      <rect x={-quiet} y={-quiet} width={side} height={side} fill="#fff" />
      <path d={path} fill="#10181b" />
    </svg>
  );
}
