// The words of a document's pages, fetched when a pointer comes near, and which of them is meant.

const SLACK = 0.004; // of the page: a near miss is meant all the same

export function createWords(documentId) {
  const pages = new Map(); // page number -> promise of its words in reading order

  function of(number) {
    if (!pages.has(number)) pages.set(number, fetchWords(number));
    return pages.get(number);
  }

  async function fetchWords(number) {
    const response = await fetch(`/documents/${documentId}/pages/${number}/words`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok) {
      pages.delete(number); // asked again next time
      return [];
    }
    return (await response.json()).words;
  }

  return { of };
}

// The place in reading order of the word at a point; -1 where there is none.
export function wordAt(words, [x, y]) {
  const holds = ({ box: [x0, y0, x1, y1] }, slack) => x >= x0 - slack && x <= x1 + slack && y >= y0 - slack && y <= y1 + slack;
  const hit = words.findIndex((word) => holds(word, 0));
  return hit >= 0 ? hit : words.findIndex((word) => holds(word, SLACK));
}

// All words from one to another, both included, as one text with one box.
export function runOf(words, from, to) {
  const run = words.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { text: run.map((word) => word.text).join(" "), box: around(run.map((word) => word.box)) };
}

function around(boxes) {
  const side = (at, pick) => pick(...boxes.map((box) => box[at]));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}
