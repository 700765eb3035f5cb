import { type DynamicModule, Module } from '@nestjs/common';
import { sqliteInbox } from '@talo/inbox-sqlite';
import { TaloModule } from '@talo/nestjs';
import { Books } from './books.ts';
import { Renewals } from './renewals.ts';
import { SETTINGS, type Settings } from './settings.ts';
import { SubscribersController } from './subscribers.controller.ts';

@Module({ controllers: [SubscribersController], providers: [Books, Renewals] })
class AppModule {}

export function appModule(settings: Settings): DynamicModule {
  const { talo, database } = settings;
  return {
    module: AppModule,
    imports: [TaloModule.forRoot({ client: talo, inbox: sqliteInbox({ path: database }), isGlobal: true })],
    providers: [{ provide: SETTINGS, useFactory: () => settings }],
  };
}
