// What an answer costs: two candidates to choose from, each with its bill once one was chosen, and
// the bill of the network's own answer to the input that is set.

class Costs {
  constructor(place, acts) {
    this.place = place;
    this.acts = acts;
  }

  update(view) {
    const { costs } = view.data;
    const wanted = JSON.stringify([costs, view.chosen, view.state, view.highlight]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    const focused = this.place.getRootNode().activeElement?.dataset?.candidate;
    const question = make("p", "question", "What does an answer cost?");
    const target = make("p", "aim");
    target.append(typeset(costs.target));
    const pair = make("div", "candidates");
    pair.setAttribute("role", "group");
    pair.setAttribute("aria-label", "Two answers");
    pair.append(...costs.candidates.map((one) => this.candidate(one, view)));
    const own = make("div", "own");
    const bill = costs.own[view.state];
    own.append(make("p", "question", bill.title), terms(bill));
    this.place.replaceChildren(question, target, pair, own);
    if (focused) this.place.querySelector(`[data-candidate="${focused}"]`)?.focus();
  }

  candidate(one, view) {
    const isKnown = view.chosen !== null;
    const button = make("button", "candidate");
    button.type = "button";
    button.dataset.candidate = one.name;
    button.setAttribute("aria-pressed", String(view.chosen === one.name));
    if (isKnown) button.classList.add(one.isCheaper ? "cheaper" : "dearer");
    if (view.highlight === "candidates") button.classList.add("pulse");
    const head = make("span", "answer");
    head.append(make("b", "", one.name), typeset(one.answer));
    button.append(head);
    button.append(isKnown ? terms(one) : make("span", "note", "cheaper? Choose it."));
    button.addEventListener("click", () => this.acts.choose(one.name));
    return button;
  }
}

function terms(bill) {
  const list = make("span", "terms");
  for (const term of bill.terms) {
    const line = make("span", "term");
    line.append(typeset(term));
    list.append(line);
  }
  const sum = make("span", "term sum");
  sum.append(typeset(bill.mean));
  list.append(sum);
  return list;
}
