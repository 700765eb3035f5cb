import type { StreamEvent } from '../control/contract.ts';
import { type Call, send } from './call.ts';
import { eventLine, print } from './print.ts';
import { UnreachableError } from './usage.ts';

/** Prints the `last` lines of what happened so far, and what happens from then on, until the sandbox stops. */
export async function tail(given: {
  readonly call: Call;
  readonly url: string;
  readonly json: boolean;
  readonly last: number;
}): Promise<void> {
  const { url, json, last } = given;
  const { seq: sofar } = await given.call('GET /status');
  const response = await send(url, 'GET /events', { query: { after: last > 0 ? '0' : String(sofar) } });
  if (!response.ok || response.body === null) {
    throw new Error(`The sandbox refused: HTTP ${response.status}.`);
  }
  let earlier: string[] = [];
  try {
    for await (const event of eventsOf(response.body)) {
      const line = json ? JSON.stringify(event) : eventLine(event);
      if (event.seq <= sofar && line !== undefined && event.type !== 'gap') earlier.push(line);
      if (event.seq < sofar) continue;
      for (const each of earlier.slice(-last)) print(each);
      earlier = [];
      if (event.seq > sofar && line !== undefined) print(line);
    }
  } catch (cause) {
    throw new UnreachableError(`The sandbox at ${url} has stopped.`, { cause });
  }
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
