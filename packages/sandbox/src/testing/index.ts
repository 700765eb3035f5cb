export { SandboxAssertionError } from './assertion.ts';
export {
  type CreditEntry,
  type DeliveryExpectation,
  type EngineUnderTest,
  type RequestExpectation,
  type TestSandbox,
  type TestSandboxOptions,
  testSandbox,
  withSandbox,
} from './test-sandbox.ts';
