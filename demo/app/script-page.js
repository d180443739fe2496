// biome-ignore-all lint: written as in 2009, on purpose
// A page's own script: a global, callbacks, getElementById. `hadoken` is there at once; what is asked before the
// frame has answered waits its turn.
window.onload = function () {
  function byId(id) {
    return document.getElementById(id);
  }

  function showState() {
    byId('state').textContent =
      hadoken.state + (hadoken.config ? ', release ' + hadoken.config.release : '');
  }
  hadoken.on('statechange', showState);
  showState();

  hadoken.io('/').on('tick', function (tick) {
    byId('clock').textContent = new Date(tick.now).toLocaleTimeString('en-GB');
  });

  function readJson(response) {
    return response.json();
  }

  function failed(id) {
    return function (error) {
      byId(id).textContent = (error.code || error.name) + ': ' + error.message;
    };
  }

  hadoken
    .fetch('/v1/me')
    .then(readJson)
    .then(function (me) {
      byId('me').textContent =
        me.name + ', visit ' + me.visits + ' (counted in an HttpOnly cookie)';
    })
    .catch(failed('me'));

  byId('order').onclick = function () {
    var options = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Hadoken-Demo': '1' },
      body: JSON.stringify({ item: 'Headband', quantity: 1 }),
    };
    hadoken
      .fetch('/v1/orders', options)
      .then(readJson)
      .then(function (answer) {
        byId('ordered').textContent =
          'No. ' + answer.order.id + ', seen as ' + answer.seen.secFetchSite;
      })
      .catch(failed('ordered'));
  };
};
