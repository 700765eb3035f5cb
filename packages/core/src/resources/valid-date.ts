import { type Constraint, constraint } from '../constraints/constraint.ts';

/** A Date that holds a time. */
export const validDate: Constraint<Date> = /* @__PURE__ */ constraint('a valid Date', (value, fail) => {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) fail('type');
});
