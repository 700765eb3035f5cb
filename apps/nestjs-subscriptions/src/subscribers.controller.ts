import {
  Body,
  Controller,
  Get,
  NotFoundException,
  Param,
  Put,
  UnprocessableEntityException,
  UseFilters,
} from '@nestjs/common';
import { centavos, formatMoney, pesos, type TaloClient } from '@talo/core';
import { customerRequest } from '@talo/core/constraints';
import { InjectTalo } from '@talo/nestjs';
import { Books } from './books.ts';
import { dayOf } from './months.ts';
import { TaloErrorFilter } from './talo-error.filter.ts';

interface Wanted {
  readonly name: string;
  readonly email: string;
  /** The end of the alias, 6 characters or more: Talo puts the account's prefix before it. */
  readonly alias: string;
  /** Of a month, in pesos. */
  readonly price: string | number;
}

@Controller('subscribers')
@UseFilters(TaloErrorFilter)
export class SubscribersController {
  constructor(
    @InjectTalo() private readonly talo: TaloClient,
    private readonly books: Books,
  ) {}

  /** With an id of yours: whoever does not know whether it worked sends it again. A new price counts from the next month. */
  @Put(':id')
  async subscribe(@Param('id') id: string, @Body() { name, email, alias, price = '' }: Partial<Wanted> = {}) {
    const customer = customerRequest.parse({ customerId: id, name, email, alias });
    const monthly = { name: customer.name, price: pesos(price).centavos };
    if (monthly.price <= 0) throw new UnprocessableEntityException('A month costs more than 0.');
    this.books.add(id, monthly);
    // the same id is the same customer at Talo, also when an earlier answer was lost
    const { cvu, alias: whole } = await this.talo.customers.ensure(customer);
    this.books.set(id, { ...monthly, cvu, alias: whole });
    return this.show(id);
  }

  @Get(':id')
  show(@Param('id') id: string) {
    const subscriber = this.books.get(id);
    if (subscriber === undefined) throw new NotFoundException();
    const { price, credit, paidUntil, ...rest } = subscriber;
    return {
      ...rest,
      active: paidUntil !== undefined && paidUntil > dayOf(new Date()),
      paidUntil,
      price: formatMoney(centavos(price)),
      credit: formatMoney(centavos(credit)),
    };
  }
}
