// The scenario as a CommonJS application runs it. Add steps in scenario-steps.cjs, new entries here and in scenario.mjs.
const { run } = require('./scenario-steps.cjs');

run({
  core: require('@talo/core'),
  constraints: require('@talo/core/constraints'),
  webhooks: require('@talo/core/webhooks'),
  testing: require('@talo/core/testing'),
  taloExpress: require('@talo/express'),
  taloFastify: require('@talo/fastify'),
  inboxConformance: require('@talo/inbox-conformance'),
  inboxSqlite: require('@talo/inbox-sqlite'),
  sandbox: require('@talo/sandbox'),
  sandboxTesting: require('@talo/sandbox/testing'),
  express: require('express'),
  fastify: require('fastify'),
});
