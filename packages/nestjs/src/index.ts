export { InjectTalo, InjectTaloWebhooks } from './inject.decorators.ts';
export { OnTaloEvent, type OnTaloEventOptions, type TaloEventDecorator } from './on-talo-event.decorator.ts';
export { TaloModule } from './talo.module.ts';
export type {
  TaloModuleAsyncOptions,
  TaloModuleOptions,
  TaloModulePlace,
  TaloOptions,
  TaloOptionsFactory,
} from './talo.options.ts';
export { getTaloOptionsToken, getTaloToken, getTaloWebhooksToken } from './tokens.ts';
