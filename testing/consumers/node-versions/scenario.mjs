// The scenario as an ESM application runs it. Add steps in scenario-steps.cjs, new entries here and in scenario.cjs.
import * as core from '@talo/core';
import * as constraints from '@talo/core/constraints';
import * as testing from '@talo/core/testing';
import * as webhooks from '@talo/core/webhooks';
import * as taloExpress from '@talo/express';
import * as taloFastify from '@talo/fastify';
import * as inboxConformance from '@talo/inbox-conformance';
import * as inboxSqlite from '@talo/inbox-sqlite';
import * as sandbox from '@talo/sandbox';
import * as sandboxTesting from '@talo/sandbox/testing';
import express from 'express';
import fastify from 'fastify';
import scenario from './scenario-steps.cjs';

await scenario.run({
  core,
  constraints,
  webhooks,
  testing,
  taloExpress,
  taloFastify,
  inboxConformance,
  inboxSqlite,
  sandbox,
  sandboxTesting,
  express,
  fastify,
});
