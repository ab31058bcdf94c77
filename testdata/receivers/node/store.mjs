// A memory that outlives the process: a database in an application, a file here. STORE=FILE names it; without it what is
// kept is gone when the process ends.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const file = process.env.STORE ?? "";

// Kept is a Map of which each change is written down before set() returns: a line [name, key, value]. Two of one name are one.
export class Kept extends Map {
  #name;

  constructor(name) {
    super();
    if (file !== "" && existsSync(file)) {
      for (const line of readFileSync(file, "utf8").split("\n")) {
        if (line === "") continue;
        const [whose, key, value] = JSON.parse(line);
        if (whose === name) super.set(key, value);
      }
    }
    this.#name = name;
  }

  set(key, value) {
    if (file !== "") appendFileSync(file, JSON.stringify([this.#name, key, value]) + "\n");
    return super.set(key, value);
  }
}
