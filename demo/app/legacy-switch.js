// biome-ignore-all lint: written as in 2009, on purpose
// The switch: takeOver() and its release, and how many OPTIONS the server has seen since this page was loaded.
(function () {
  var drop = document.getElementsByTagName('script');
  var client = hadoken.connect(
    drop[drop.length - 2].src.replace('hadoken.drop-in.js', 'frame.html'),
  );
  var release = null;
  var before;

  function count() {
    client
      .fetch('/v1/seen')
      .then(function (response) {
        return response.json();
      })
      .then(function (seen) {
        if (before === undefined) before = seen.total.options;
        document.getElementById('options').innerHTML = seen.total.options - before;
      });
  }

  function say(mode, explain, button) {
    document.getElementById('mode').innerHTML = mode;
    document.getElementById('explain').innerHTML = explain;
    document.getElementById('take').value = button;
  }

  function toggle() {
    if (release) {
      release();
      release = null;
      say(
        'Hadoken is off.',
        'The shop asks another subdomain, which has no CORS: the browser refuses.',
        'Turn Hadoken on',
      );
    } else {
      release = hadoken.takeOver(client, { io: true });
      say(
        'Hadoken is on.',
        'Not a line of the shop has changed. Its requests go through the frame.',
        'Turn Hadoken off',
      );
    }
    shop.open();
  }

  $(document).on('shopdone', count);
  $(function () {
    document.getElementById('take').onclick = toggle;
    count();
  });
})();
