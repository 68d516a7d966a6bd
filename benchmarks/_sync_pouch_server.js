// The HTTP server of PouchDB on its own storage: node _sync_pouch_server.js FOLDER PORT
const [, , folder, port] = process.argv;
process.chdir(folder);
const PouchDB = require('pouchdb').defaults({ prefix: `${folder}/kept_` });
const app = require('express')();
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log.txt` };
app.use('/', require('express-pouchdb')(PouchDB, options));
app.listen(+port, '127.0.0.1');
