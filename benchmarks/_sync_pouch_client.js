// One step of PouchDB: node _sync_pouch_client.js STEP FOLDER URL ROWS COUNT [BATCH]
const fs = require('fs');
const PouchDB = require('pouchdb');

const [, , step, folder, url, rows, count, batch] = process.argv;
const sent = () => /lo:\s*(\d+)/.exec(fs.readFileSync('/proc/net/dev', 'utf8'))[1] | 0;

(async () => {
  const db = new PouchDB(folder);
  const bytes = sent();
  const started = process.hrtime.bigint();
  const used = process.cpuUsage();
  let docs = 0;
  if (step === 'add') {
    const lines = fs.readFileSync(rows, 'utf8').split('\n').slice(0, +count);
    const made = lines.map(line => { const { id, ...record } = JSON.parse(line); return { _id: id, ...record }; });
    for (let i = 0; i < made.length; i += 2000) await db.bulkDocs(made.slice(i, i + 2000));
  } else if (step === 'change') {
    const all = await db.allDocs({ include_docs: true });
    const every = Math.max(1, Math.floor(all.rows.length / +count));
    const chosen = all.rows.filter((_, i) => i % every === 0).slice(0, +count).map(row => row.doc);
    chosen.forEach(doc => { doc.title += '改'; });
    await db.bulkDocs(chosen);
  } else {
    const options = batch ? { batch_size: +batch, batches_limit: 10 } : {};
    const done = step === 'push' ? await db.replicate.to(url, options) : await db.replicate.from(url, options);
    docs = done.docs_written;
  }
  const cpu = process.cpuUsage(used);
  console.log(JSON.stringify({
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
    bytes: sent() - bytes,
    cpu: (cpu.user + cpu.system) / 1e6,
    peak: process.resourceUsage().maxRSS / 1024,
    docs,
  }));
  await db.close();
})().catch(error => { console.error(error); process.exit(1); });
