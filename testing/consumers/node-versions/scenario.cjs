// The scenario as a CommonJS application runs it. Add steps in scenario-steps.cjs, new entries here and in scenario.mjs.
const { run } = require('./scenario-steps.cjs');

run({
  core: require('@talo/core'),
  constraints: require('@talo/core/constraints'),
  webhooks: require('@talo/core/webhooks'),
  testing: require('@talo/core/testing'),
  sandbox: require('@talo/sandbox'),
});
