// A live element is made once and told of every later run of the page; it stops when the page is left.

/** `Part` has a constructor (root, component), `update(component)` and `stop()`. Returns what Streamlit calls at the end. */
export function mounted(root, component, Part) {
  if (root.element) root.element.update(component);
  else root.element = new Part(root, component);
  const turn = (root.turn = (root.turn ?? 0) + 1);
  return () => {
    if (turn !== root.turn) return; // a later run of the page holds it now
    root.element.stop();
    root.element = null;
  };
}
