import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { TaloConflictError, TaloConstraintError, TaloError } from '@talo/core';

/** Of the platform's response what is used here. */
interface Response {
  status(code: number): { json(body: object): unknown };
}

/** What of Talo's errors is the caller's business. `instanceof` works across copies of the package. */
@Catch(TaloError)
export class TaloErrorFilter implements ExceptionFilter<TaloError> {
  readonly #log = new Logger(TaloErrorFilter.name);

  catch(error: TaloError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (error instanceof TaloConstraintError) response.status(422).json({ issues: error.issues });
    else if (error instanceof TaloConflictError) response.status(409).json({ error: error.message });
    else {
      // Talo refused, or could not be reached: the subscriber is written down, so the same PUT goes on from there
      this.#log.error(error.message);
      response.status(502).json({ error: error.code, again: true });
    }
  }
}
