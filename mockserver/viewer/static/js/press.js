// Whether a pointer is down on the list or the details. What is drawn meanwhile would move or replace what is
// being pressed, and the click would be lost; it is drawn once the pointer is up.

const CLICK = 100; // ms in which the click follows after the pointer is up: at once from a mouse, a little later by touch

export class Press {
  #timer = 0;
  down = false;

  /** released() is called when the pointer is up and its click was handled. */
  constructor(root, released) {
    const up = () => {
      if (!this.down || this.#timer) return;
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        this.down = false;
        released();
      }, CLICK);
    };
    root.addEventListener("pointerdown", () => {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.down = true;
    });
    for (const type of ["pointerup", "pointercancel", "blur", "change"]) addEventListener(type, up); // change: a list that opens keeps the pointer
    addEventListener("pointermove", ({ buttons }) => buttons || up()); // it went up where nobody told: on a scroll bar
  }
}
