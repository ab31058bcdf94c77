// State that survives a restart: a database in an application, a file here. STORE=FILE names the file; without it,
// state is lost when the process ends.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const file = process.env.STORE ?? "";

// Kept is a Map that appends each change to the file before set() returns, as a line [name, key, value]. Maps with the
// same name share their content.
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
