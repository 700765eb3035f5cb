/** The id that Talo composes for the payment of an order (talo-api 3.1). */
export function composedId(userId: string, externalId: string): string {
  return `VAR-${userId.slice(0, 8)}-${externalId}`;
}
