// Tracks whether a pointer is down on the list or the details. Rendering would move or replace the pressed element and lose the
// click, so that it is postponed until the pointer is up.

const CLICK = 100; // ms from pointer up to click: immediate with a mouse, later by touch

export class Press {
  #timer = 0;
  down = false;

  /** released() is called after the click was handled. */
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
    for (const type of ["pointerup", "pointercancel", "blur", "change"]) addEventListener(type, up); // change: an open select captures the pointer
    addEventListener("pointermove", ({ buttons }) => buttons || up()); // pointer up without an event, as on a scroll bar
  }
}
