import type { Oddities } from './oddities.ts';

/** A switch for people who do not read its type: what it is about, and how it is known. */
export interface OddityDoc {
  readonly group: 'api' | 'webhooks' | 'payments' | 'customers' | 'ledger' | 'money' | 'accounts';
  readonly known: 'observed' | 'documented' | 'reported' | 'possible' | 'unknown';
  readonly type: 'boolean' | 'number' | 'choice';
  readonly choices?: readonly (string | number)[];
  readonly doc: { readonly es: string; readonly en: string };
}

function flag(group: OddityDoc['group'], known: OddityDoc['known'], en: string, es: string): OddityDoc {
  return { group, known, type: 'boolean', doc: { es, en } };
}

function count(group: OddityDoc['group'], known: OddityDoc['known'], en: string, es: string): OddityDoc {
  return { group, known, type: 'number', doc: { es, en } };
}

function choice(
  group: OddityDoc['group'],
  known: OddityDoc['known'],
  choices: readonly (string | number)[],
  en: string,
  es: string,
): OddityDoc {
  return { group, known, type: 'choice', choices, doc: { es, en } };
}

export const oddityDocs: Readonly<Record<keyof Oddities, OddityDoc>> = {
  contentTypeOnGetFails: flag(
    'api',
    'observed',
    "A GET of a customer's transaction with a Content-Type answers 500.",
    'Un GET de la transacción de un cliente con Content-Type responde 500.',
  ),
  missingPaymentOptionsFails: flag(
    'api',
    'observed',
    'A payment without payment_options answers 500; off: 400.',
    'Un pago sin payment_options responde 500; apagado: 400.',
  ),
  quotesUseAddress: flag(
    'api',
    'observed',
    'Quotes show the CVU as address, with network and amount; off: cvu and alias, as documented.',
    'Las cotizaciones muestran el CVU como address, con red y monto; apagado: cvu y alias, como está documentado.',
  ),
  publicPayments: flag(
    'api',
    'observed',
    'Creating a payment needs no token; off: 401.',
    'Crear un pago no necesita token; apagado: 401.',
  ),
  authFailureWith200: flag(
    'api',
    'possible',
    'A failed authentication is HTTP 200 with error: true.',
    'Una autenticación fallida es HTTP 200 con error: true.',
  ),
  expiredTokenStatus: choice(
    'api',
    'possible',
    [401, 403],
    'The status for a token past its hour.',
    'El estado para un token vencido.',
  ),
  collectionsNeedSlash: flag(
    'api',
    'documented',
    '/payments without its slash is 404.',
    '/payments sin la barra final es 404.',
  ),
  readDelayMs: count(
    'api',
    'observed',
    'Reads show the old state for so many milliseconds after a transfer.',
    'Las lecturas muestran el estado viejo durante tantos milisegundos después de una transferencia.',
  ),
  timestampsMissing: flag(
    'api',
    'unknown',
    'Payments and transfers come without timestamps.',
    'Los pagos y las transferencias vienen sin fechas.',
  ),
  dateSkewMs: count(
    'api',
    'unknown',
    'The Date header is ahead of the clock by so many milliseconds; negative: behind.',
    'El encabezado Date adelanta al reloj en tantos milisegundos; negativo: atrasa.',
  ),
  webhookOmitsExternalId: flag(
    'webhooks',
    'reported',
    'The notice of a payment lacks externalId.',
    'El aviso de un pago no trae externalId.',
  ),
  webhookOnExpiry: flag('webhooks', 'unknown', 'An expiry is notified.', 'Un vencimiento se avisa.'),
  webhookOnApiChanges: flag(
    'webhooks',
    'unknown',
    'Changes of price, expiry or motive are notified.',
    'Los cambios de precio, vencimiento o motivo se avisan.',
  ),
  lateTransfers: choice(
    'payments',
    'unknown',
    ['credit', 'keep-expired', 'bounce'],
    'A transfer to an expired CVU: counted and settled, counted with the payment left EXPIRED, or sent back.',
    'Una transferencia a un CVU vencido: se acredita, se acredita y el pago queda EXPIRED, o se devuelve.',
  ),
  toleranceAbsorbsOverpayment: flag(
    'payments',
    'unknown',
    'The tolerance makes a small excess SUCCESS.',
    'La tolerancia convierte un pequeño excedente en SUCCESS.',
  ),
  underpaidExpires: flag(
    'payments',
    'unknown',
    'A payment that is UNDERPAID when its time is up becomes EXPIRED.',
    'Un pago UNDERPAID pasa a EXPIRED cuando vence.',
  ),
  duplicateExternalId: choice(
    'payments',
    'unknown',
    ['conflict', 'return-existing', 'replace-unpaid'],
    'A second payment with the same external_id.',
    'Un segundo pago con el mismo external_id.',
  ),
  refundShows: choice(
    'payments',
    'unknown',
    ['ledger', 'payment-status'],
    'What a refund changes: a row in the ledger, or also the status of the payment, with a notice.',
    'Qué cambia una devolución: una fila en el libro, o también el estado del pago, con un aviso.',
  ),
  settledHidesTransfers: flag(
    'payments',
    'unknown',
    'A payment that is SUCCESS or OVERPAID shows none of its transfers.',
    'Un pago SUCCESS u OVERPAID no muestra sus transferencias.',
  ),
  aliasTruncation: flag(
    'customers',
    'observed',
    'An alias over 20 characters is cut in silence; off: 422.',
    'Un alias de más de 20 caracteres se corta en silencio; apagado: 422.',
  ),
  duplicateCustomerId: choice(
    'customers',
    'unknown',
    [409, 422, 'return-existing'],
    'A second customer with the same customer_id.',
    'Un segundo cliente con el mismo customer_id.',
  ),
  duplicateAlias: choice(
    'customers',
    'unknown',
    [409, 422],
    'A customer whose alias is taken.',
    'Un cliente cuyo alias está ocupado.',
  ),
  customerBalance: choice(
    'customers',
    'unknown',
    ['gross', 'net'],
    "Whether a customer's balance sums what was sent or what was left after commission.",
    'Si el saldo de un cliente suma lo enviado o lo que quedó después de la comisión.',
  ),
  ledgerCustomers: choice(
    'ledger',
    'unknown',
    ['customer_id', 'cvu', 'none'],
    "How customers' transfers show in /transactions/: with the id, only by CVU, or not at all.",
    'Cómo aparecen las transferencias de clientes en /transactions/: con su id, sólo por CVU, o no aparecen.',
  ),
  ledgerOrder: choice(
    'ledger',
    'unknown',
    ['newest-first', 'oldest-first'],
    'The order of /transactions/.',
    'El orden de /transactions/.',
  ),
  ledgerIdsReadable: flag(
    'ledger',
    'unknown',
    "A customer's transaction can be read by its ledger row's id too.",
    'La transacción de un cliente se puede leer también por el id de su fila en el libro.',
  ),
  ledgerLateRowsMs: count(
    'ledger',
    'unknown',
    "A transfer's row shows in /transactions/ so many milliseconds after the transfer.",
    'La fila de una transferencia aparece en /transactions/ tantos milisegundos después.',
  ),
  grossMissingEvery: count(
    'money',
    'unknown',
    'Every nth transfer does not say what was sent; 1: none does; 0: all do.',
    'Cada enésima transferencia no dice cuánto se envió; 1: ninguna; 0: todas lo dicen.',
  ),
  threeDecimalsEvery: count(
    'money',
    'unknown',
    'What was sent has a third decimal in every nth transfer; 0: in none.',
    'Lo enviado trae un tercer decimal en cada enésima transferencia; 0: en ninguna.',
  ),
  unknownStatusMs: count(
    'money',
    'unknown',
    'A transfer is IN_REVIEW for so many milliseconds, and its end is not notified.',
    'Una transferencia está IN_REVIEW durante tantos milisegundos, y su fin no se avisa.',
  ),
  partnerTokenHours: count(
    'accounts',
    'unknown',
    'PAR- tokens live for so many hours; 0: for ever.',
    'Los tokens PAR- viven tantas horas; 0: para siempre.',
  ),
  payoutsRun: flag(
    'accounts',
    'unknown',
    'A payout schedule runs at 9:00 in Argentina and pays out the whole balance.',
    'El cronograma de retiros se ejecuta a las 9:00 de Argentina y retira todo el saldo.',
  ),
};
