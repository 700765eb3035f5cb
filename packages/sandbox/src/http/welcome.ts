import { type Operation, operations } from './operations.ts';

/** What somebody sees who opens the sandbox's address. */
export function welcome(origin: string): string {
  const routes = Object.values<Operation>(operations).map(
    ({ method, path, summary }) => `${method.toUpperCase().padEnd(5)} ${path}\n      ${summary}`,
  );
  return `talo-sandbox: a local Talo. No money moves.

The API, for tools: ${origin}/openapi.json

${routes.join('\n')}

Pages for people: /payments/{payment_id}, /authorize/{partner_id}
`;
}
