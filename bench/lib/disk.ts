import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What the disk itself takes for one fdatasync of a small write to a file that is not grown by it. */
export class Disk {
  readonly #path: string;
  readonly #file: number;
  readonly #bytes = Buffer.alloc(8_240, 1);
  #next = 0;

  constructor(folder: string) {
    this.#path = join(folder, 'disk');
    this.#file = openSync(this.#path, 'w');
    writeSync(this.#file, Buffer.alloc(8 << 20));
    fdatasyncSync(this.#file);
  }

  /** Adds the milliseconds of `count` of them to `times`. */
  measure(count: number, times: number[]): void {
    for (let i = 0; i < count; i++) {
      this.#next = (this.#next + this.#bytes.length) % (7 << 20);
      const start = performance.now();
      writeSync(this.#file, this.#bytes, 0, this.#bytes.length, this.#next);
      fdatasyncSync(this.#file);
      times.push(performance.now() - start);
    }
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#path);
  }
}
