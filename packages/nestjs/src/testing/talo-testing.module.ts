import { type DynamicModule, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { TaloModule } from '../talo.module.ts';
import type { TaloModulePlace } from '../talo.options.ts';
import { TaloTesting, type TaloTestingOptions } from './talo-testing.ts';

/**
 * `TaloModule` with a sandbox behind it, for tests that put their modules together themselves. `app.get(TaloTesting)`
 * has the sandbox.
 */
@Module({})
export class TaloTestingModule implements OnModuleInit {
  readonly #talo: TaloTesting;
  readonly #moduleRef: ModuleRef;

  constructor(@Inject(TaloTesting) talo: TaloTesting, @Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#talo = talo;
    this.#moduleRef = moduleRef;
  }

  static forRoot(options: TaloTestingOptions & TaloModulePlace = {}): DynamicModule {
    const { sandbox: _forTheSandbox, ...place } = options;
    const talo = new TaloTesting(options);
    const inner = TaloModule.forRoot({ ...talo.options, ...place });
    return {
      module: TaloTestingModule,
      imports: [inner],
      providers: [{ provide: TaloTesting, useFactory: () => talo }],
      exports: [inner, TaloTesting],
    };
  }

  onModuleInit(): void {
    this.#talo.attach(this.#moduleRef);
  }
}
