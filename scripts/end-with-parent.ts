/**
 * `npm run dev` loads this before the server. It stops the server when the program that started it is gone, even after
 * SIGKILL; otherwise the server would keep its port. Workers inherit the option and need none of this: Node.js ends them.
 */
function end(): void {
  process.kill(process.pid, 'SIGINT');
}

if (process.argv[2] !== 'worker') {
  process.once('disconnect', end);
  // Listening must not keep a server alive that has nothing left to do.
  process.channel?.unref();
  if (!process.connected) end();
}
