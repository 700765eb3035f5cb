/** The webhook URL that was typed last, so that the second payment needs no typing. */
export function rememberedWebhook(): string {
  try {
    return localStorage.getItem('talo-sandbox.webhook') ?? '';
  } catch {
    return '';
  }
}

export function rememberWebhook(url: string): void {
  try {
    localStorage.setItem('talo-sandbox.webhook', url);
  } catch {
    // a browser that keeps nothing
  }
}
