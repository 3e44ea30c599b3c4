// The baseline of the start: a Fastify app with one route and nothing else.
import fastify from 'fastify';

const app = fastify();
app.get('/health', () => ({ status: 'healthy' }));
const address = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`ready at ${address}`);
