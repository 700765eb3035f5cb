import common from '@nestjs/common/package.json' with { type: 'json' };
import core from '@nestjs/core/package.json' with { type: 'json' };
import express from '@nestjs/platform-express/package.json' with { type: 'json' };
import fastify from '@nestjs/platform-fastify/package.json' with { type: 'json' };
import { expect, test } from 'vitest';

test('the major under test is the one that the run is named after', () => {
  const majors = [common, core, express, fastify].map(({ version }) => `nest-${version.split('.')[0]}`);
  expect(majors).toEqual(Array(4).fill(process.env['NEST']));
});
