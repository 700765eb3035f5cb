export { SandboxAssertionError } from './assertion.ts';
export type { CreditEntry } from './credits.ts';
export {
  type DeliveryExpectation,
  type EngineUnderTest,
  type RequestExpectation,
  type TestSandbox,
  type TestSandboxOptions,
  testSandbox,
  withSandbox,
} from './test-sandbox.ts';
