// Keeps one object for each place where a component is mounted: Streamlit calls a component's
// function again for every change of data or theme, and what a person has done must outlive that.
// Kind is made of the root and the first data; it has update(data) and may have stop(). It tells the
// page by tell(name, value), which is gone when heard, and by keep(name, value), which stays. after
// follows each update. Use: export default keep(Kind).

function keep(Kind, after) {
  const there = new WeakMap();
  return (component) => {
    const root = component.parentElement;
    if (!there.has(root)) there.set(root, new Kind(root, component.data));
    const drawing = there.get(root);
    drawing.tell = component.setTriggerValue;
    drawing.keep = component.setStateValue;
    drawing.update(component.data);
    after?.(root, drawing);
    return () => {
      // Streamlit also ends a call that a newer one has overtaken. The drawing is that one's, too, and
      // is over only once its place is gone.
      if ((root.host ?? root).isConnected) return;
      drawing.stop?.();
      there.delete(root);
    };
  };
}
