// Stands in for the worker in tests of the parent's side: does what the plan's source path says, as badly as asked.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
let cancelled = false;
process.on('message', (request) => {
  if (request.type === 'cancel') { cancelled = true; return; }
  const how = request.type === 'inspect' ? request.path : require('node:path').basename(request.plan.source?.path ?? request.plan.real).replace('.csv', '');
  const progress = (fraction) => process.send({ type: 'progress', progress: { phase: 'training', fraction } });
  progress(0.1);
  switch (how) {
    case 'fine': progress(1); process.send({ type: 'done', rows: 7 }, () => process.exit(0)); break;
    case 'polite': { const t = setInterval(() => { progress(0.5); if (cancelled) { clearInterval(t); process.send({ type: 'failed', error: { message: 'Cancelled.', code: 'cancelled' } }, () => process.exit(0)); } }, 20); break; }
    case 'deaf': for (;;); // a native call that does not return
    case 'segv': process.kill(process.pid, 'SIGSEGV'); break;
    case 'killed': process.kill(process.pid, 'SIGKILL'); break;
    case 'heap': { console.error('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'); process.abort(); }
    case 'exits': process.exit(3);
    case 'input': process.send({ type: 'failed', error: { message: 'is ragged.', place: { file: 'a.csv', row: 7 }, code: 'input', hint: 'Mend it.', stack: 'secret stack' } }, () => process.exit(0)); break;
    case 'inspect-fine': process.send({ type: 'profile', profile: { path: how, rows: 1, columns: [], bytes: 1, format: 'csv', notes: [String(process.pid)] } }); break;
  }
});
