// Asks for its part of the page to be drawn again, some seconds after it was drawn last: a slow
// server is asked more rarely, and a page that nobody sees not at all.

const LOST = 10; // times as long it waits for an answer, which a full run of the page may swallow
// While the server draws it is not asked: a question that comes between the end of a drawing and the
// sending of it makes Streamlit throw away what it has not sent yet.
const DRAWING = '[data-test-script-state="running"]';
const REST = 0.05; // seconds between two looks at whether it does

class Pulse {
  constructor(root) {
    // It takes no room among what is shown.
    const place = root.host.closest('[data-testid="stElementContainer"]');
    if (place) place.style.display = "none";
    this.show = () => document.hidden || this.wait(0);
    document.addEventListener("visibilitychange", this.show);
  }

  update(data) {
    this.seconds = data.seconds;
    this.wait(this.seconds);
  }

  wait(seconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.beat(), 1000 * seconds);
  }

  beat(waited = 0) {
    if (document.hidden) return;
    if (document.querySelector(DRAWING) && waited < LOST * this.seconds) {
      this.timer = setTimeout(() => this.beat(waited + REST), 1000 * REST);
      return;
    }
    this.tell("beat", true);
    this.wait(LOST * this.seconds);
  }

  stop() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.show);
  }
}

export default keep(Pulse);
