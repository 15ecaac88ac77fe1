// The head of the picture: title, a live search and the facts of the box under the pointer. It stays
// on the screen while a tall picture scrolls.
(function () {
  var NS = 'http://www.w3.org/2000/svg';
  var root = document.getElementsByTagName('svg')[0];
  var boxes = document.getElementById('frames').children;
  var make = function (name) { return document.createElementNS('http://www.w3.org/1999/xhtml', name); };
  var id = function (name) { return document.getElementById(name); };
  var put = function (node, values) {
    for (var name in values) node.setAttribute(name, values[name]);
    return node;
  };
  var head = put(document.createElementNS(NS, 'g'), { id: 'head' });
  var back = put(document.createElementNS(NS, 'rect'), { width: '100%', height: BAR_TOP + 28, 'class': 'back' });
  var room = put(document.createElementNS(NS, 'foreignObject'), { x: 10, y: BAR_TOP, width: 1180, height: 28 });
  var bar = put(make('div'), { id: 'bar' });
  var box = put(make('input'), { type: 'search', placeholder: 'search (regular expression)', 'aria-label': 'Search' });
  var found = put(make('output'), { 'aria-live': 'polite' });
  var facts = make('span');
  [box, found, facts].forEach(function (part) { bar.appendChild(part); });
  room.appendChild(bar);
  [back, id('title'), id('subtitle'), id('unzoom'), room].forEach(function (part) { if (part) head.appendChild(part); });
  root.appendChild(head);
  root.classList.add('live');

  // Marks the boxes whose text matches, and returns their share of the boxes on the screen.
  var fills = new Map();
  function mark(term) {
    fills.forEach(function (fill, rect) { rect.setAttribute('fill', fill); });
    fills.clear();
    var pattern = null;
    try {
      pattern = term === '' ? null : new RegExp(term, 'i');
      box.setAttribute('aria-invalid', 'false');
    } catch (why) {
      box.setAttribute('aria-invalid', 'true');
      found.textContent = 'not a regular expression';
      return;
    }
    remember(term);
    if (!pattern) {
      found.textContent = '';
      return;
    }
    var hits = [], most = 0;
    for (var i = 0; i < boxes.length; i++) {
      if (boxes[i].classList.contains('hide') || boxes[i].classList.contains('parent')) continue;
      var rect = boxes[i].querySelector('rect');
      var from = Number(rect.getAttribute('fg:x')), width = Number(rect.getAttribute('fg:w'));
      most = Math.max(most, width);
      if (!pattern.test(named(boxes[i]))) continue;
      hits.push([from, width]);
      fills.set(rect, rect.getAttribute('fill'));
      rect.setAttribute('fill', 'rgb(230,0,230)');
    }
    hits.sort(function (a, b) { return a[0] - b[0] || b[1] - a[1]; });
    var sum = 0, end = -1;
    hits.forEach(function (hit) {
      if (hit[0] < end) return;
      sum += hit[1];
      end = hit[0] + hit[1];
    });
    found.textContent = hits.length === 0 ? 'nothing matches' : (100 * sum / most).toFixed(1) + ' % matches';
  }

  // The name and the place of a box, without its numbers.
  function named(group) {
    var text = group.querySelector('title').textContent;
    var parts = /^([^]*) \(([^(]*)\)$/.exec(text);
    if (!parts) return text;
    var place = parts[2].split('; ').pop();
    return /%$/.test(place) ? parts[1] : parts[1] + ' ' + place;
  }

  // Some browsers let no script change the address of a file.
  function remember(term) {
    try {
      var params = get_params();
      if (term === '') delete params.s;
      else params.s = term;
      history.replaceState(null, null, parse_params(params));
    } catch (why) { /* The search works all the same. */ }
  }

  box.addEventListener('input', function () { mark(box.value); });
  box.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    box.value = '';
    mark('');
    box.blur();
  });
  window.search_prompt = function () { box.focus(); box.select(); };
  window.search = function (term) { box.value = term; mark(term); };
  window.addEventListener('click', function () { if (box.value !== '') mark(box.value); });
  window.addEventListener('mouseover', function (event) {
    var group = find_group(event.target);
    facts.textContent = group ? g_to_text(group) : '';
  });

  function fit() {
    var width = Math.max(100, root.getBoundingClientRect().width - 20);
    room.setAttribute('width', width);
    // A line that is wider than the window gets smaller letters.
    var line = id('subtitle');
    line.style.fontSize = '12px';
    var long = line.getComputedTextLength();
    if (long > width) line.style.fontSize = Math.max(8, Math.floor(120 * width / long) / 10) + 'px';
  }
  window.addEventListener('resize', fit);
  window.addEventListener('load', function () {
    fit();
    // The root of flames is at the bottom: a tall picture opens there, and not at the tip of its thinnest tower.
    if (UPWARDS && window.top === window && root === document.documentElement) window.scrollTo(0, 1e9);
  });
  function follow() { head.setAttribute('transform', 'translate(0,' + window.scrollY + ')'); }
  if (root === document.documentElement) {
    window.addEventListener('scroll', follow);
    follow();
  }
})();
