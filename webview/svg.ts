/** A picture as a file of its own: colours resolved, so that it looks the same outside the page. */

const carried = ['fill', 'stroke', 'fill-opacity', 'stroke-opacity', 'stroke-width', 'stroke-dasharray', 'font-size', 'font-family', 'font-style', 'font-weight', 'opacity', 'text-anchor'];

/** SVG text of `svg` as it is shown now: CSS variables and inherited styles become attributes, the page's background a rectangle. */
export function standaloneSvg(svg: SVGSVGElement, title: string): string {
  const page = svg.ownerDocument, view = page.defaultView!;
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll('*')], to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((e, i) => {
    const style = view.getComputedStyle(e), above = i ? view.getComputedStyle(e.parentElement!) : undefined;
    for (const name of carried) {
      const v = style.getPropertyValue(name);
      // What is inherited anyway need not be said again, unless it was said as a variable.
      if (v && (e.hasAttribute(name) || v !== above?.getPropertyValue(name))) to[i].setAttribute(name, v);
    }
  });
  // The canvas behind a large heat map is not part of the SVG: it comes along as an image.
  const canvas = svg.parentElement?.querySelector('canvas');
  if (canvas) {
    const image = page.createElementNS('http://www.w3.org/2000/svg', 'image');
    for (const k of ['x', 'y', 'width', 'height'] as const) image.setAttribute(k, canvas.dataset[k] ?? '0');
    image.setAttribute('image-rendering', 'pixelated');
    image.setAttribute('href', canvas.toDataURL());
    copy.prepend(image);
  }
  const ground = page.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%'); ground.setAttribute('height', '100%');
  ground.setAttribute('fill', view.getComputedStyle(page.body).backgroundColor || '#fff');
  copy.prepend(ground);
  const name = page.createElementNS('http://www.w3.org/2000/svg', 'title');
  name.textContent = title;
  copy.prepend(name);
  for (const a of ['class', 'aria-hidden', 'focusable']) copy.removeAttribute(a);
  return new XMLSerializer().serializeToString(copy);
}
