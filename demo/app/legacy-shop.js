// biome-ignore-all lint: written as in 2009, on purpose
// The shop's own script. It knows nothing of Hadoken: jQuery 1.12, an XMLHttpRequest, an old `io`.
var shop = {};

shop.show = function (id, text, isFailed) {
  $('#' + id)
    .text(text)
    .toggleClass('failed', !!isFailed);
  // For the counter above.
  $(document).trigger('shopdone');
};

shop.failed = function (id) {
  return function (xhr, why) {
    shop.show(
      id,
      'Sorry: ' + why + (xhr.status ? ' ' + xhr.status : ', blocked by the browser'),
      true,
    );
  };
};

shop.list = function () {
  $.ajax({
    url: $('#order').attr('action'),
    dataType: 'json',
    success: function (answer) {
      var table = $('#orders');
      table.find('tr:gt(0)').remove();
      $.each(answer.orders, function (i, order) {
        var row = $('<tr>').appendTo(table);
        $.each([order.id, order.item, order.quantity], function (j, text) {
          $('<td>').text(text).appendTo(row);
        });
      });
    },
    error: function () {
      $('#orders tr:gt(0)').remove();
    },
    complete: function () {
      $(document).trigger('shopdone');
    },
  });
};

shop.order = function () {
  var form = this;
  $.ajax({
    url: form.action,
    type: 'POST',
    contentType: 'application/json',
    headers: { 'X-Hadoken-Demo': '1' },
    dataType: 'json',
    data: JSON.stringify({ item: form.item.value, quantity: Number(form.quantity.value) }),
    success: function (answer) {
      shop.show('ordered', 'Thank you! Your order is no. ' + answer.order.id + '.');
      shop.list();
    },
    error: shop.failed('ordered'),
  });
  return false;
};

shop.whoAmI = function () {
  $.getJSON(this.href, function (me) {
    shop.show('me', me.name + ', visit ' + me.visits);
  }).fail(shop.failed('me'));
  return false;
};

shop.send = function () {
  var file = this.file.files[0];
  // Without a picture: two megabytes of nothing.
  var body = file || new Blob([new ArrayBuffer(2000000)]);
  var xhr = new XMLHttpRequest();
  xhr.open('POST', this.action);
  xhr.setRequestHeader('X-Hadoken-Demo', '1');
  xhr.upload.onprogress = function (event) {
    if (!event.lengthComputable) return;
    $('#done').attr('width', Math.max(1, Math.round((event.loaded / event.total) * 240)));
    $('#sent').text(Math.round((event.loaded / event.total) * 100) + '%');
  };
  xhr.onreadystatechange = function () {
    if (xhr.readyState !== 4) return;
    if (xhr.status === 200)
      shop.show('sent', 'Got ' + JSON.parse(xhr.responseText).bytes + ' bytes.');
    else shop.failed('sent')(xhr, 'error');
  };
  xhr.send(body);
  return false;
};

shop.openClock = function () {
  if (shop.socket) shop.socket.close();
  $('#clock').text('closed');
  shop.socket = io.connect(
    $('#order')
      .attr('action')
      .replace(/\/v1\/.*/, ''),
    { forceNew: true },
  );
  shop.socket.on('tick', function (tick) {
    $('#clock').text(new Date(tick.now).toTimeString().substr(0, 8));
  });
};

/** What the shop does when it opens. */
shop.open = function () {
  $('#ordered, #sent, #me').text('');
  $('#done').attr('width', 1);
  shop.openClock();
  shop.list();
};

$(function () {
  $('#order').submit(shop.order);
  $('#photo').submit(shop.send);
  $('#member').click(shop.whoAmI);
  shop.open();
});
