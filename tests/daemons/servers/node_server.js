// SPDX-License-Identifier: MIT
//
// An HTTP server; a request for /connect/PORT makes it a client of 127.0.0.1:PORT that stays.
const http = require('http');
const net = require('net');

const held = [];

http.createServer((request, response) => {
  const [, verb, port] = request.url.split('/');
  if (verb !== 'connect') return response.end('hello\n');
  held.push(net.connect(Number(port), '127.0.0.1', () => response.end('connected\n')));
}).listen(0, '127.0.0.1');
