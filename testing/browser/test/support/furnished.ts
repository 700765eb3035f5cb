import type { Sandbox } from '@talo/sandbox';
import type { Application } from '../../src/application.ts';
import { placesAfter, playStory } from '../../src/story.ts';
import type { ViewName } from '../../src/views.ts';

/** Lets the story happen, and says where each view of it is. */
export async function furnish(sandbox: Sandbox, app: Application): Promise<ReadonlyMap<ViewName, string>> {
  return placesAfter(sandbox, await playStory(sandbox, app));
}
