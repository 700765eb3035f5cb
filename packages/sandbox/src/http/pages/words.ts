/** Languages of the pages. Spanish, as the payers', unless a browser prefers English. */
export type Language = 'es' | 'en';

export function languageOf(acceptLanguage: string | undefined): Language {
  for (const part of (acceptLanguage ?? '').split(',')) {
    const name = part.trim().slice(0, 2).toLowerCase();
    if (name === 'es' || name === 'en') return name;
  }
  return 'es';
}

const es = {
  sandbox: 'Sandbox local: no es Talo y no se mueve dinero.',
  payTo: 'Pagás a',
  amount: 'Transferí exactamente',
  remaining: 'Falta transferir',
  total: 'Importe',
  alias: 'Alias',
  cvu: 'CVU',
  holder: 'Titular',
  cuit: 'CUIT',
  motive: 'Concepto',
  copy: 'Copiar',
  copied: 'Copiado',
  expires: 'Vence en',
  clockStands: 'El reloj del sandbox está detenido.',
  how: 'Transferí el importe exacto desde tu banco o billetera. La página se actualiza sola.',
  exclusive: 'El alias y el CVU son solo para este pago.',
  return: 'Volver al comercio',
  returning: 'Volvés al comercio en unos segundos.',
  noScript: 'Sin JavaScript, recargá la página para ver el estado.',
  status: {
    PENDING: 'Esperando tu transferencia',
    UNDERPAID: 'Recibimos una parte. Falta el resto',
    SUCCESS: 'Pago recibido',
    OVERPAID: 'Recibimos más de lo pedido. El pago está completo',
    EXPIRED: 'Este pago venció. No transfieras',
    REJECTED: 'Este pago fue rechazado',
    CANCELLED: 'Este pago fue cancelado',
    UNDER_REVIEW: 'Estamos revisando este pago',
    REFUNDED: 'Este pago fue devuelto',
  },
  authorizeTitle: (partner: string) => `Conectar con ${partner}`,
  authorizeIntro: (partner: string) => `${partner} te pide permiso para usar tu cuenta de Talo.`,
  authorizeFor: (user: string) => `Tu usuario en esa plataforma: ${user}`,
  may: 'Va a poder',
  mayList: [
    'crear cobros y clientes con CVU a tu nombre',
    'ver los pagos y movimientos de tu cuenta',
    'configurar el prefijo de alias, la tolerancia y los retiros',
  ],
  mayNot: 'No va a poder mover tu dinero a una cuenta que no sea tuya.',
  commission: (percent: number) => `Comisión de la plataforma: ${percent} %`,
  after: 'Después de autorizar, Talo verifica la cuenta y avisa a la plataforma cuando queda activa.',
  allow: 'Autorizar',
  deny: 'Cancelar',
  unknown: 'Acá no hay nada',
  unknownWhy:
    'El pago o el partner de esta dirección no está en este sandbox. Puede haberse borrado al reiniciarlo.',
  toDashboard: 'Ir al panel del sandbox',
} as const;

type Words = { readonly [Name in keyof typeof es]: Loose<(typeof es)[Name]> };
type Loose<T> = T extends string
  ? string
  : T extends readonly string[]
    ? readonly string[]
    : T extends (...given: infer G) => string
      ? (...given: G) => string
      : { readonly [Name in keyof T]: string };

const en: Words = {
  sandbox: 'Local sandbox: not Talo, and no money moves.',
  payTo: 'You pay',
  amount: 'Transfer exactly',
  remaining: 'Still to transfer',
  total: 'Amount',
  alias: 'Alias',
  cvu: 'CVU',
  holder: 'Account holder',
  cuit: 'CUIT',
  motive: 'For',
  copy: 'Copy',
  copied: 'Copied',
  expires: 'Expires in',
  clockStands: "The sandbox's clock stands still.",
  how: 'Transfer the exact amount from your bank or wallet. The page updates by itself.',
  exclusive: 'Alias and CVU are for this payment alone.',
  return: 'Back to the shop',
  returning: 'You go back to the shop in a few seconds.',
  noScript: 'Without JavaScript, reload the page to see the state.',
  status: {
    PENDING: 'Waiting for your transfer',
    UNDERPAID: 'A part has arrived. The rest is missing',
    SUCCESS: 'Payment received',
    OVERPAID: 'More than asked for has arrived. The payment is complete',
    EXPIRED: 'This payment has expired. Do not transfer',
    REJECTED: 'This payment was rejected',
    CANCELLED: 'This payment was cancelled',
    UNDER_REVIEW: 'This payment is being reviewed',
    REFUNDED: 'This payment was refunded',
  },
  authorizeTitle: (partner) => `Connect with ${partner}`,
  authorizeIntro: (partner) => `${partner} asks for permission to use your Talo account.`,
  authorizeFor: (user) => `Your user on that platform: ${user}`,
  may: 'It will be able to',
  mayList: [
    'create payments and customers with a CVU in your name',
    'see the payments and movements of your account',
    'configure the alias prefix, the tolerance and the payouts',
  ],
  mayNot: 'It will not be able to move your money to any account but yours.',
  commission: (percent) => `Commission of the platform: ${percent} %`,
  after: 'After you authorize, Talo checks the account and tells the platform when it is active.',
  allow: 'Authorize',
  deny: 'Cancel',
  unknown: 'There is nothing here',
  unknownWhy: 'The payment or partner of this address is not in this sandbox. It may have gone with a reset.',
  toDashboard: "To the sandbox's dashboard",
};

export type PageWords = Words;

export const words: Readonly<Record<Language, Words>> = { es, en };
