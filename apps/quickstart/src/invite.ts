import type { Timeline } from './timeline.ts';

/** What to try next, ready to paste. */
export function invite(timeline: Timeline, apiUrl: string): void {
  timeline.title(
    `It stays up. The dashboard: ${apiUrl}, where you can transfer, repeat and forge, and see each step.`,
  );
  timeline.title('Or in another terminal, get a token:');
  timeline.say(`TALO_TOKEN=$(curl -s ${apiUrl}/users/f61876b0-10a5-4e39-8e2c-17343b3fa1b6/tokens \\`);
  timeline.say(
    `  -H 'Content-Type: application/json' -d '{"client_id":"sandbox","client_secret":"sandbox"}' \\`,
  );
  timeline.say("  | node -p 'JSON.parse(fs.readFileSync(0)).data.token')");
  timeline.title('and send the customer money; the webhook and its confirmation appear here:');
  timeline.say(
    `curl -X POST ${apiUrl}/cvu/0000630500008064475741/faucet -H "Authorization: Bearer $TALO_TOKEN" \\`,
  );
  timeline.say(`  -H 'Content-Type: application/json' -d '{"amount": 2500}'`);
  timeline.title(`The API: ${apiUrl}/openapi.json · stop with Ctrl+C`);
}
