// Sends requests to one server with the official TypeScript SDK. Reads the requests as JSON from standard input, and prints the answers as JSON.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

let text = '';
for await (const piece of process.stdin) text += piece;
const plan = JSON.parse(text);
const [command, ...args] = plan.command;
// Some servers behave otherwise towards a client that can be asked, so only plans with questions have one.
const asks = plan.steps.some((step) => step.asks);
const capabilities = asks ? { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } } : {};
const client = new Client({ name: 'typescript', version: '1' }, { capabilities });
if (asks) {
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: plan.answers.roots }));
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    const content = { type: 'text', text: `an answer to ${JSON.stringify(params.messages)}` };
    return { role: 'assistant', model: 'm', stopReason: 'endTurn', content };
  });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
    params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: plan.answers.form });
}
await client.connect(new StdioClientTransport({ command, args, env: {}, cwd: plan.folder, stderr: 'ignore' }));

const name = (own) => plan.prefix + own;
const address = (own) => plan.scheme + own;

async function answer(step) {
  const progress = [];
  const options = { timeout: 30_000, ...(step.progress && { onprogress: (it) => progress.push(it) }) };
  switch (step.do) {
    case 'tools': return client.listTools();
    case 'resources': return client.listResources();
    case 'templates': return client.listResourceTemplates();
    case 'prompts': return client.listPrompts();
    case 'call': {
      const result = await client.callTool({ name: name(step.name), arguments: step.arguments ?? {} }, undefined, options);
      return step.progress ? { result, progress } : result;
    }
    case 'read': return client.readResource({ uri: address(step.uri) });
    case 'prompt': return client.getPrompt({ name: name(step.name), arguments: step.arguments ?? {} });
    case 'complete': {
      const ref = step.prompt ? { type: 'ref/prompt', name: name(step.prompt) } : { type: 'ref/resource', uri: address(step.template) };
      return client.complete({ ref, argument: step.argument, ...(step.context && { context: { arguments: step.context } }) });
    }
    default: throw new Error(`there is no step ${step.do}`);
  }
}

const answers = [];
for (const step of plan.steps) {
  try {
    answers.push(await answer(step));
  } catch (error) {
    if (typeof error.code !== 'number') throw error;
    answers.push({ error: error.code });
  }
}
await client.close();
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
