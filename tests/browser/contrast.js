// Text in an element whose contrast with what is behind it is too low for its size.
root => {
  const parse = text => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => {
    const a = top[3] + below[3] * (1 - top[3]);
    const mix = i => (top[i] * top[3] + below[i] * below[3] * (1 - top[3])) / (a || 1);
    return [mix(0), mix(1), mix(2), a];
  };
  const behind = element => {
    let found = [0, 0, 0, 0];
    for (let at = element; at && found[3] < 0.999; at = at.parentElement) {
      found = over(found, parse(getComputedStyle(at).backgroundColor));
    }
    return over(found, [255, 255, 255, 1]);
  };
  const light = colour => {
    const [r, g, b] = colour.slice(0, 3).map(part => {
      const value = part / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = new Map();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    // The colours of code are those that the theme gives to the notebook's own editors.
    const theirs = element.closest('code span, .cm-editor, :disabled, [aria-disabled="true"]');
    if (!words || !box.width || style.visibility === 'hidden' || theirs) {
      continue;
    }
    const below = behind(element);
    const [a, b] = [light(over(parse(style.color), below)), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) {
      const kind = element.className || element.parentElement.className || element.tagName;
      found.set(`${element.tagName} ${kind}`, `${ratio.toFixed(2)} ${words.slice(0, 30)}`);
    }
  }
  return [...found].map(pair => pair.join(': '));
}
