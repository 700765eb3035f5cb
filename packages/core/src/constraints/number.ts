import { isMoney, type Money } from '../money.ts';
import { type Constraint, constraint } from './constraint.ts';

/** A whole number from `min` to `max`; `unit` says what it counts. */
export function integer(min: number, max: number, unit: string): Constraint<number> {
  return constraint(`a whole number of ${unit} from ${min} to ${max}`, (value, fail) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) fail('type');
    else if (value < min || value > max) fail('range');
  });
}

/** Money of `min` centavos or more. */
export function money(expected: string, min: number): Constraint<Money> {
  return constraint(expected, (value, fail) => {
    if (!isMoney(value)) fail('type', 'use pesos()');
    else if (value.centavos < min) fail('range', '', `${value.centavos} centavos`);
  });
}

/** Money above zero. */
export const positiveMoney: Constraint<Money> = /* @__PURE__ */ money('Money above zero', 1);
