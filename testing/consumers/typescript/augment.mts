// once in a program: the CommonJS side is in jest/adapters.spec.ts
import '@talo/express/augment';
import type { TaloClient } from '@talo/core';
import type { Request } from 'express';

declare const request: Request;
const own: TaloClient = request.talo;
// @ts-expect-error: nobody replaces it
request.talo = own;
