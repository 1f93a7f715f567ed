// json-server on a free port of 127.0.0.1, with the data of shelf.json in memory. Prints its URL, and ends when its standard input is closed.

const jsonServer = require('json-server');
const data = require('./shelf.json');

const server = jsonServer.create();
server.use(jsonServer.bodyParser);
server.use('/v1', jsonServer.router(structuredClone(data)));
const listening = server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${listening.address().port}/v1`);
});
process.stdin.resume().on('end', () => process.exit(0));
