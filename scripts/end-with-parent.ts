/**
 * Loaded before the server by `npm run dev`: ends the server when the program that started it is gone, even by SIGKILL. Or
 * the server would keep its port.
 */
function end(): void {
  process.kill(process.pid, 'SIGINT');
}

process.once('disconnect', end);
// By itself, waiting for that keeps nobody alive.
process.channel?.unref();
if (!process.connected) end();
