/** Where notifications go. */
export const ROUTE = '/webhooks/talo';
/** A route with nothing behind it: what the machine can do without us. */
export const BARE = '/bare';
export const SECRET = 'a secret of more than sixteen characters';
