export { type TaloHealth, TaloHealthIndicator, type TaloHealthOptions } from './talo.health.ts';
