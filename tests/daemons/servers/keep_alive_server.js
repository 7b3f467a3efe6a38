// SPDX-License-Identifier: MIT
//
// Sets keepalive on each connection itself: 300 seconds of idleness.
const net = require('net');

net.createServer((socket) => {
  socket.setKeepAlive(true, 300000);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.write('ready\n');
}).listen(0, '127.0.0.1');
